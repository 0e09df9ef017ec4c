"""The bot as its owner has set it up: names, descriptions, switches, and the command menu."""

from dataclasses import dataclass, field

from bot.rehearsal.botapi.shapes import JsonObject, JsonValue

DEFAULT_SCOPE = "default"
PRIVATE_SCOPE = "all_private_chats"
CHAT_SCOPE = "chat"


@dataclass(slots=True)
class BotProfile:
    """What the owner can set, by hand or by calls; a test may set all of it.

    Names and descriptions are kept by language code; "" is for every other language.
    """

    token: str = field(repr=False)
    username: str
    names: dict[str, str]
    descriptions: dict[str, str] = field(default_factory=dict)
    short_descriptions: dict[str, str] = field(default_factory=dict)
    can_join_groups: bool = True
    can_read_all_group_messages: bool = False
    supports_inline_queries: bool = False
    menus: dict[tuple[str, int, str], tuple[JsonValue, ...]] = field(default_factory=dict)

    @property
    def user_id(self) -> int:
        """Give the bot's own id: the first part of its token."""
        return int(self.token.partition(":")[0])

    @property
    def as_user(self) -> JsonObject:
        """Write the bot as the sender of a message."""
        return {
            "id": self.user_id,
            "is_bot": True,
            "first_name": self.names.get("") or self.username,
            "username": self.username,
        }

    @property
    def as_itself(self) -> JsonObject:
        """Write the bot as it sees itself (getMe)."""
        return {
            **self.as_user,
            "can_join_groups": self.can_join_groups,
            "can_read_all_group_messages": self.can_read_all_group_messages,
            "supports_inline_queries": self.supports_inline_queries,
            "can_connect_to_business": False,
            "has_main_web_app": False,
        }

    def menu_for(self, user_id: int, language: str) -> tuple[JsonValue, ...]:
        """Give the commands that one person is shown: the narrowest menu wins, then language."""
        places = [
            (CHAT_SCOPE, user_id, language),
            (CHAT_SCOPE, user_id, ""),
            (PRIVATE_SCOPE, 0, language),
            (PRIVATE_SCOPE, 0, ""),
            (DEFAULT_SCOPE, 0, language),
            (DEFAULT_SCOPE, 0, ""),
        ]
        return next((self.menus[place] for place in places if place in self.menus), ())


def menu_place(scope: JsonObject | None, language: str) -> tuple[str, int, str]:
    """Name the place of a menu: whose it is, and in which language."""
    kind = scope.get("type") if scope else DEFAULT_SCOPE
    chat_id = scope.get("chat_id") if scope else 0
    return str(kind), chat_id if isinstance(chat_id, int) else 0, language

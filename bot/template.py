"""The configuration file that `aman init` writes; config.example.toml is the same text."""

TEMPLATE = """# Aman's configuration. An unknown key, or one that makes no sense, refuses to start.
# Every key can also come from the environment as AMAN_SECTION_KEY, such as AMAN_TELEGRAM_TOKEN.

[telegram]
token = ""                # from @BotFather; then nobody else may read this file (chmod 600)
token_file = ""           # or the token stands in a file of its own
api_url = "https://api.telegram.org"   # a self-hosted Bot API server works as well
proxy = ""                # http://host:port, if Telegram cannot be reached directly

[storage]
directory = "data"        # encrypted; nobody else may look into it (chmod 700)

[vault]
unlock = "prompt"         # prompt | file | fd (number in unlock_file) | env (AMAN_VAULT_SECRET)
unlock_file = ""

[community]
languages = ["kk", "ru", "en"]
default_language = "ru"
timezone = "Asia/Almaty"
display_name = ""         # what the bot calls itself; neutral, at most 64 characters

[disclosure]              # before the start; each can be set anew for an event
area_before_minutes = 1440
meeting_point_before_minutes = 180
address_before_minutes = 60

[escalation]
escalate_after_seconds = 90        # an alarm that nobody has acknowledged
answer_holds_minutes = 10          # "I'm on it", without news after it
attach_for_minutes = 120           # places and files that belong to an alarm
detention_again_minutes = 30       # the lawyer is reminded
detention_limit_minutes = 180      # from then on it has to be on paper
ask_again_after_minutes = 5        # a roll call's silent ones
home_question_after_minutes = 60   # after the end: "did you get home?"
proposal_minutes = 720             # how long a second person may take to confirm

[retention]
places_minutes = 720      # messages that name a place; never longer than 40 hours
invitation_days = 14      # how long an invitation can be opened
team_link_days = 2
aftercare_after_days = 3  # the neutral question
people_days = 14          # the roster, after the end
"""

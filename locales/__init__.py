"""The words: one gettext catalogue per language and feature, `<language>/LC_MESSAGES/*.po`."""

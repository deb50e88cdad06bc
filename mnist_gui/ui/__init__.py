"""The window: the only folder, with app.py, that knows Qt."""

from PySide6.QtCore import QLocale

# Numbers are shown and typed as in all other texts of the program, 55,000 and 0.5, whatever locale a person has.
QLocale.setDefault(QLocale(QLocale.Language.English, QLocale.Country.World))

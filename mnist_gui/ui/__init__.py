"""The window: the only folder that knows Qt."""

import os

from PySide6.QtCore import QLocale

# pyqtgraph would take another Qt than ours where the user has set one for other programs.
os.environ["PYQTGRAPH_QT_LIB"] = "PySide6"

# Numbers are shown and typed as in all other texts of the program, 55,000 and 0.5, whatever locale the user has.
QLocale.setDefault(QLocale(QLocale.Language.English, QLocale.Country.World))

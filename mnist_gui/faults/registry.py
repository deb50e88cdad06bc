"""The table of faults.

To add one: write its function and entry in one of the modules below, and its name in config.schema.FAULTS, whose order
is the order of application.
"""

from collections.abc import Mapping

from mnist_gui.config import schema as settings
from mnist_gui.faults.component_faults import FAULTS_OF_PARTS
from mnist_gui.faults.digit_faults import FAULTS_OF_DIGITS
from mnist_gui.faults.fault import Fault
from mnist_gui.faults.report_faults import FAULTS_OF_REPORTS
from mnist_gui.faults.setting_faults import FAULTS_OF_SETTINGS
from mnist_gui.faults.update_faults import FAULTS_OF_UPDATES

_BY_NAME = {
    fault.name: fault
    for fault in (
        *FAULTS_OF_DIGITS,
        *FAULTS_OF_PARTS,
        *FAULTS_OF_SETTINGS,
        *FAULTS_OF_UPDATES,
        *FAULTS_OF_REPORTS,
    )
}

FAULTS: Mapping[str, Fault] = {name: _BY_NAME[name] for name in settings.FAULTS}

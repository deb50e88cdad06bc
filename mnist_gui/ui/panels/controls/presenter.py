"""Presenter of Controls: starts, pauses and stops training, and says below the buttons what each would do."""

from collections.abc import Sequence

from PySide6.QtCore import QObject, Slot

from mnist_gui.config.run_config import ConfigError, RunConfig
from mnist_gui.config.schema import SETTINGS
from mnist_gui.data.datasets import Dataset
from mnist_gui.data.split_sizes import split_sizes
from mnist_gui.faults.run_factory import idle, in_force
from mnist_gui.runs.run import Run
from mnist_gui.training.commands import Command, RunToEpoch, StepBatch, StepEpoch
from mnist_gui.training.records import EpochDone, Record, RunStarted, SettingChanged
from mnist_gui.ui.panels.controls.view import ControlsView
from mnist_gui.ui.services.run_controller import RunController, RunState
from mnist_gui.ui.shell.actions import Actions
from mnist_gui.ui.shell.dialogs import Dialogs

# So many changed settings are named, and of more the number: a third line would push the form down.
MOST_NAMES = 3


class ControlsPresenter(QObject):
    """Trains what the form says, and says under the buttons what the next click will do or why it cannot."""

    def __init__(
        self, run_controller: RunController, actions: Actions, controls: ControlsView, dialogs: Dialogs
    ) -> None:
        super().__init__(controls)
        self._run_controller, self._actions, self._controls, self._dialogs = run_controller, actions, controls, dialogs
        self._sizes_note = ""
        self._wanted_at_load: tuple[Command, ...] | None = None
        actions.primary.triggered.connect(lambda: self.train_new())
        actions.pause.triggered.connect(run_controller.pause)
        actions.train_on.triggered.connect(self._on_train_on_triggered)
        actions.step_batch.triggered.connect(self._on_step_batch_triggered)
        actions.step_epoch.triggered.connect(self._on_step_epoch_triggered)
        actions.run_to_epoch.triggered.connect(self._on_run_to_epoch_triggered)
        actions.stop.triggered.connect(run_controller.stop)
        actions.new_network.triggered.connect(run_controller.leave)
        for pace, pace_action in actions.paces.items():
            pace_action.triggered.connect(lambda _, pace=pace: run_controller.set_pace(pace))
        controls.live_setting_changed.connect(run_controller.change_setting)
        controls.live_setting_changed.connect(self.refresh)
        controls.edited.connect(self.refresh)
        run_controller.state_changed.connect(self.refresh)
        run_controller.dataset_loaded.connect(self._on_run_controller_dataset_loaded)
        run_controller.file_service.dataset_failed.connect(self._on_storage_dataset_failed)
        run_controller.run_shown.connect(self._on_run_controller_run_shown)
        run_controller.runs_changed.connect(self.refresh)  # faults may be shown now
        run_controller.settings_shown.connect(controls.show_config)
        run_controller.record_taken.connect(self._on_run_controller_record_taken)

    def _form_config(self) -> RunConfig | None:
        """The form's settings; None, and the reason is shown, if one is illegal or asks for too many digits."""
        dataset = self._run_controller.dataset
        try:
            config = self._controls.config
            if dataset:
                split_sizes(config.data, len(dataset.train_labels), len(dataset.test_labels))
            return config
        except ConfigError as error:
            self._controls.show_error(error)
            return None

    def _changed(self, config: RunConfig) -> tuple[str, ...]:
        """In what the form differs from the network that is there, but for faults that are not to be shown yet."""
        run = self._run_controller.run
        if run is None:
            return ()
        return tuple(key for key in config.differences(run.config) if not (run.is_hidden and key == "lab.faults"))

    @Slot()
    def _on_train_on_triggered(self) -> None:
        if self._run_controller.is_running:
            self._run_controller.resume()
        else:
            self.train_on()

    @Slot()
    def _on_step_batch_triggered(self) -> None:
        if self._run_controller.is_running:
            self._run_controller.step_batch()
        else:
            self._train(StepBatch())

    @Slot()
    def _on_step_epoch_triggered(self) -> None:
        if self._run_controller.is_running:
            self._run_controller.step_epoch()
        else:
            self._train(StepEpoch())

    @Slot()
    def _on_run_to_epoch_triggered(self) -> None:
        """The run goes on while the question is open: what was asked about may be done when it is answered."""
        reach = self._reach()
        epoch = self._dialogs.ask_epoch(*reach) if reach else None
        reach = self._reach()
        if epoch is None or reach is None:
            return
        done, _ = reach
        if epoch <= done:
            self._controls.show_note(f"Epoch {epoch:,} is done already: the network has trained {done:,}.")
        elif self._run_controller.is_running:
            self._run_controller.run_to_epoch(epoch)
        else:
            self._train(RunToEpoch(epoch))

    def _reach(self) -> tuple[int, int] | None:
        """Epochs done, and with how many the schedule ends: of the run under way, or of the one that would begin."""
        config, run = self._form_config(), self._run_controller.run
        if config is None:
            return None
        if run and self._run_controller.is_running:
            return run.epoch, run.planned_epoch
        done = self._epochs_kept(run) if run and self._run_controller.state is RunState.ENDED else 0
        return done, done + config.training.epochs

    def train_new(self, *commands: Command) -> None:
        """Train a new network as the form says, commands first. What trains now is let alone."""
        self._controls.commit()
        config = self._form_config()
        if config is None or self._run_controller.state is RunState.TRAINING:
            return
        if self._run_controller.dataset is None:
            self._wanted_at_load = commands
            self._controls.show_note("Training starts as soon as the digits are read.")
            return
        self._run_controller.begin(config, *commands)

    def train_on(self, *commands: Command) -> None:
        """Train the network that is there for another schedule, commands first: with what the form says of training.
        What describes a network it keeps, whatever the form says."""
        self._controls.commit()
        config, run = self._form_config(), self._run_controller.run
        if config is None or run is None or self._run_controller.state is not RunState.ENDED:
            return
        kept = {key: run.config[key] for key in SETTINGS if SETTINGS[key].acts == "new network"}
        self._run_controller.train_on(config.with_settings(kept), *commands)

    def _train(self, *commands: Command) -> None:
        """What can only be trained on, or, where no network is shown, be begun."""
        if self._run_controller.state is RunState.ENDED:
            self.train_on(*commands)
        else:
            self.train_new(*commands)

    def _epochs_kept(self, run: Run) -> int:
        """After how many epochs a run would be trained on: one that went wrong goes on from its best weights."""
        return run.epoch if run.trainer is not None or run.best is None else run.best.epoch

    @Slot()
    def refresh(self) -> None:
        """Say what can be done now: depends on the state, and on whether the form still describes the network."""
        config = self._form_config()
        changed = self._changed(config) if config else ()
        structural = [SETTINGS[key].label for key in changed if SETTINGS[key].acts == "new network"]
        later = [SETTINGS[key].label for key in changed if SETTINGS[key].acts == "next training"]
        waiting = [SETTINGS[key].label for key in changed if SETTINGS[key].acts == "at once"]
        self._actions.show_state(
            self._run_controller.state,
            has_best=self._run_controller.best is not None,
            is_legal=config is not None,
            what=self._trained_on(config),
        )
        if config is None:
            return  # the note says what is wrong in the form
        has_ended = self._run_controller.state is RunState.ENDED
        if structural:
            self._controls.show_note(self._describe_structural(structural, [*waiting, *later] if has_ended else []))
        elif (waiting or later) and has_ended:
            self._controls.show_note(
                f"Changed: {_some([*waiting, *later])}. Both Train new network and Continue use it."
            )
        elif waiting and self._run_controller.is_running:
            self._controls.show_note(f"Not in force: {', '.join(waiting)}. Return in the field uses it now.")
        elif later and self._run_controller.is_running:
            self._controls.show_note(f"Changed for the next training: {', '.join(later)}.")
        else:
            note = f"Continue trains {self._trained_on(config)}." if has_ended else ""
            self._controls.show_note(self._sizes_note or note)

    def _describe_structural(self, structural: Sequence[str], others: Sequence[str]) -> str:
        """What only a new network would take of the form, and of what else is changed, `others`, Continue takes."""
        if not others:
            can_go_on = self._run_controller.state in (RunState.PAUSED, RunState.ENDED)
            without = " Continue goes on without." if can_go_on else ""
            return f"Changed for a new network: {_some(structural)}.{without}"
        most = MOST_NAMES if len(structural) + len(others) <= MOST_NAMES else 1
        return f"Changed for a new network: {_some(structural, most)}. Continue takes only: {_some(others, most)}."

    def _trained_on(self, config: RunConfig | None) -> str:
        """What would be trained on, and how far, such as "run 2 from epoch 10 to 20"."""
        run = self._run_controller.run
        if run is None:
            return "the network"
        if self._run_controller.is_running or config is None:
            return f"run {run.number}"
        done = self._epochs_kept(run)
        end = done + config.training.epochs
        if run.trainer is None and run.best:
            return f"run {run.number} from the weights of step {run.best.step:,} to epoch {end:,}"
        return f"run {run.number} from epoch {done:,} to {end:,}"

    @Slot()
    def _on_run_controller_run_shown(self) -> None:
        self._sizes_note = ""
        self.refresh()

    @Slot(object)
    def _on_run_controller_record_taken(self, record: Record) -> None:
        if isinstance(record, EpochDone) and self._actions.test.isEnabled():
            return  # which come by the hundred in a second where epochs are short, and change nothing here
        if isinstance(record, RunStarted):
            run = self._run_controller.run
            is_hidden = run is not None and run.is_hidden
            # How many digits it trains on would reveal some faults, too.
            self._sizes_note = "" if is_hidden else _describe_sizes(record) or _describe_faults(record)
        if isinstance(record, SettingChanged):
            self._controls.follow(record.key, record.old, record.new)
        self.refresh()

    @Slot(object, str)
    def _on_run_controller_dataset_loaded(self, dataset: Dataset, folder: str) -> None:
        self._controls.use_folder(folder)
        self.refresh()
        if self._wanted_at_load is not None:
            commands, self._wanted_at_load = self._wanted_at_load, None
            self.train_new(*commands)

    @Slot()
    def _on_storage_dataset_failed(self) -> None:
        self._wanted_at_load = None


def _describe_sizes(started: RunStarted) -> str:
    """How digits were dealt out where the form does not say: in proportion, or without some; else ""."""
    asked = started.config.data
    if asked.left_out:
        return f"{started.train_digits:,} training digits, without those left out."
    # More than asked for: the faults that train on other digits, too.
    as_asked = started.train_digits >= asked.train and started.validation_digits >= asked.validation
    if as_asked or asked.digits or isinstance(asked.train, float) or isinstance(asked.validation, float):
        return ""
    return (
        f"The files hold fewer digits than asked for: {started.train_digits:,} are for training, "
        f"{started.validation_digits:,} for validation."
    )


def _describe_faults(started: RunStarted) -> str:
    """What is wrong with the run on purpose, and which faults change nothing in it, and why; "" without any."""
    titles = ", ".join(fault.title for fault in in_force(started.config))
    sentences = [f"Wrong on purpose: {titles}."] if titles else []
    sentences += [f"{title} has no effect here: it needs {need}." for title, need in idle(started.config).items()]
    return " ".join(sentences)


def _some(names: Sequence[str], most: int = MOST_NAMES) -> str:
    """As many of these names as there is room for, and how many others."""
    if len(names) <= most:
        return ", ".join(names)
    return f"{', '.join(names[:most])} and {len(names) - most} more"

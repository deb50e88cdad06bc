"""The settings of the network: layers, activation, loss and initialisation."""

from collections.abc import Mapping

from mnist_gui.config.field_types import Choice, Number, Setting, SizeList

NETWORK: Mapping[str, Setting] = {
    "network.hidden": SizeList(
        label="Hidden layers",
        low=1,
        high=8192,
        most=20,
        help="Units in each hidden layer, first layer first: 256 or 128, 64. More units can separate more digits and "
        "take longer; one or two cannot separate ten digits. Empty: no hidden layer, a linear classifier (about 92 %).",
    ),
    "network.activation": Choice(
        label="Activation",
        choices=("relu", "tanh", "sigmoid", "leaky_relu", "elu", "identity"),
        help="What a hidden unit does with its weighted sum z. relu: max(0, z), learns fastest here. leaky_relu lets a "
        "hundredth of negative sums through, so that no unit dies. elu: falls smoothly to -1. tanh: -1..1. sigmoid: "
        "0..1, learns slowly in deep networks. identity: z itself, so that all layers together are a linear one.",
    ),
    "network.loss": Choice(
        label="Loss",
        choices=("cross_entropy", "binary_cross_entropy", "mse", "mse_sigmoid", "mse_tanh"),
        help="What training makes small, and what the output units do. cross_entropy: softmax outputs, minus the log "
        "of the probability of the right digit. binary_cross_entropy: sigmoid outputs, ten yes-or-no questions, their "
        "losses added. mse: mean squared error of linear outputs; mse_sigmoid, mse_tanh: of such outputs, which learn "
        "slowly where they are confidently wrong.",
    ),
    "network.init": Choice(
        label="Initialisation",
        choices=(
            "auto",
            "he_normal",
            "he_uniform",
            "glorot_normal",
            "glorot_uniform",
            "lecun_normal",
            "normal",
            "uniform",
            "zeros",
        ),
        aliases={"he": "he_normal", "glorot": "glorot_uniform", "xavier": "glorot_uniform", "lecun": "lecun_normal"},
        help="Spread of the random starting weights. he suits relu, glorot suits tanh and sigmoid; auto chooses. "
        "normal and uniform take numbers of your own: too small and nothing gets through, too large and units start "
        "saturated. zeros: all units of a layer stay copies of each other.",
    ),
    "network.init_mean": Number(
        label="Mean",
        low=-10.0,
        high=10.0,
        only_with=("network.init", ("normal",)),
        help="Mean of the normal distribution that starting weights are drawn from. Far from 0: units start alike.",
    ),
    "network.init_sd": Number(
        label="Deviation",
        low=0.0,
        high=100.0,
        only_with=("network.init", ("normal",)),
        help="Standard deviation of the normal distribution that starting weights are drawn from.",
    ),
    "network.init_low": Number(
        label="Lowest",
        low=-100.0,
        high=100.0,
        only_with=("network.init", ("uniform",)),
        help="Lower end of the uniform distribution that starting weights are drawn from.",
    ),
    "network.init_high": Number(
        label="Highest",
        low=-100.0,
        high=100.0,
        only_with=("network.init", ("uniform",)),
        help="Upper end of the uniform distribution that starting weights are drawn from.",
    ),
    "network.bias_init": Choice(
        label="Biases start",
        choices=("zeros", "as_weights"),
        help="zeros: at 0, as is usual. as_weights: drawn like the weights of their layer.",
    ),
}

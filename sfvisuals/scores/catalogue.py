"""The confidence scores this tool computes: one visible tuple, swept by the tests and by docs/scores.md."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from sfvisuals.scores import features, formulas
from sfvisuals.scores.arrays import Batch
from sfvisuals.scores.needs import Need
from sfvisuals.types import FloatArray, Judge, Run

EXTERNAL_NAME: Final = "ext"
EXTERNAL_LABELS: Final = {"tcp": "ConfidNet", "dg": "DG-RES", "devries": "Devries et al."}


@dataclass(frozen=True, slots=True)
class Score:
    """One confidence score.

    Attributes:
        name: fd-shifts' name of it.
        label: the poster's name.
        needs: what the run must have.
        judge: the prediction that it is judged against.
        function: rows of outputs -> (n,) float64, high = confident.
        formula: the definition in one line, as docs/scores.md prints it, sign included.
        source: who proposed it.
    """

    name: str
    label: str
    needs: tuple[Need, ...]
    judge: Judge
    function: Callable[[Batch], FloatArray]
    formula: str
    source: str

    def named_in(self, run: Run) -> tuple[str, str]:
        """Name and label in this run: the external head goes by its real name, Deep Gamblers by its row.

        A head that is not known keeps the name `ext` and is labelled as the run calls it.
        """
        known = run.external_name if run.external_name in EXTERNAL_LABELS else None
        head = EXTERNAL_LABELS.get(run.external_name or "", run.external_name or "External")
        match self.name:
            case "ext" if known is not None:
                return known, head
            case "mcd_mcp" if known == "dg":
                return self.name, "DG-MCD-MSR"
            case "ext" | "ext_mcd" | "ext_waic":
                return self.name, self.label.replace("External", head)
        return self.name, self.label


_MC_EXTERNAL: Final = (Need.EXTERNAL_MC, Need.MC)
_ON_TRAIN: Final = (Need.LATENTS, Need.TRAIN_LATENTS)
_ON_LAYER: Final = (Need.LATENTS, Need.TRAIN_LATENTS, Need.LAST_LAYER)

SCORES: Final[tuple[Score, ...]] = (
    Score(
        "det_mcp",
        "MSR",
        (Need.OUTPUTS,),
        Judge.PLAIN,
        formulas.msr,
        "max_k p_k",
        "Hendrycks and Gimpel, ICLR 2017",
    ),
    Score(
        "det_pe",
        "PE",
        (Need.OUTPUTS,),
        Judge.PLAIN,
        formulas.predictive_entropy,
        "sum_k p_k log p_k",
        "Shannon 1948",
    ),
    Score(
        "mcd_mcp",
        "MCD-MSR",
        (Need.MC,),
        Judge.MC_MEAN,
        formulas.mc_msr,
        "max_k q_k",
        "Gal and Ghahramani, ICML 2016",
    ),
    Score(
        "mcd_pe",
        "MCD-PE",
        (Need.MC,),
        Judge.MC_MEAN,
        formulas.mc_predictive_entropy,
        "sum_k q_k log q_k",
        "Gal and Ghahramani, ICML 2016",
    ),
    Score(
        "mcd_ee",
        "MCD-EE",
        (Need.MC,),
        Judge.MC_MEAN,
        formulas.mc_expected_entropy,
        "mean_m sum_k p_km log p_km",
        "Kendall and Gal, NeurIPS 2017",
    ),
    Score(
        "mcd_mi",
        "MCD-MI",
        (Need.MC,),
        Judge.MC_MEAN,
        formulas.mc_mutual_information,
        "mean_m H(p_m) - H(q)",
        "Houlsby et al. 2011",
    ),
    Score(
        "mcd_sv",
        "MCD-SV",
        (Need.MC,),
        Judge.MC_MEAN,
        formulas.mc_softmax_variation,
        "-mean_k std_m p_km",
        "Jaeger et al., ICLR 2023",
    ),
    Score(
        "det_mls",
        "MLS",
        (Need.LOGITS,),
        Judge.PLAIN,
        formulas.max_logit,
        "max_k z_k",
        "Hendrycks et al., ICML 2022",
    ),
    Score(
        "mcd_mls",
        "MCD-MLS",
        (Need.MC_LOGITS,),
        Judge.MC_MEAN,
        formulas.mc_max_logit,
        "max_k mean_m z_km",
        "Jaeger et al., ICLR 2023",
    ),
    Score(
        "energy_mls",
        "Energy",
        (Need.LOGITS,),
        Judge.PLAIN,
        formulas.energy,
        "log sum_k exp z_k",
        "Liu et al., NeurIPS 2020",
    ),
    Score(
        EXTERNAL_NAME,
        "External",
        (Need.EXTERNAL,),
        Judge.PLAIN,
        formulas.external,
        "c",
        "the head that the run was trained with",
    ),
    Score(
        "ext_mcd",
        "External (MCD mean)",
        _MC_EXTERNAL,
        Judge.MC_MEAN,
        formulas.external_mc,
        "mean_m c_m",
        "Jaeger et al., ICLR 2023",
    ),
    Score(
        "ext_waic",
        "External (WAIC)",
        _MC_EXTERNAL,
        Judge.MC_MEAN,
        formulas.external_waic,
        "mean_m c_m - std_m c_m",
        "Choi et al. 2018",
    ),
    Score(
        "mcd_waic",
        "MCD-WAIC",
        (Need.MC,),
        Judge.MC_MEAN,
        formulas.mc_waic,
        "q_k* - std_m p_k*m, k* = argmax_k q_k",
        "Choi et al. 2018",
    ),
    Score(
        "temp_mls",
        "Temperature-scaled MSR",
        (Need.LOGITS, Need.VALIDATION),
        Judge.PLAIN,
        features.temperature_msr,
        "max_k softmax(z / T)_k",
        "Guo et al., ICML 2017",
    ),
    Score(
        "maha",
        "Mahalanobis",
        _ON_TRAIN,
        Judge.PLAIN,
        features.mahalanobis,
        "-(f - mu_y)' C^-1 (f - mu_y)",
        "Lee et al., NeurIPS 2018",
    ),
    Score(
        "vim",
        "ViM",
        (Need.LOGITS, *_ON_LAYER),
        Judge.PLAIN,
        features.vim,
        "log sum_k exp z_k - alpha norm(R'(f - o))",
        "Wang et al., CVPR 2022",
    ),
    Score(
        "dknn",
        "Deep kNN",
        _ON_TRAIN,
        Judge.PLAIN,
        features.deep_knn,
        "-norm(f - f_(50))^2",
        "Sun et al., ICML 2022",
    ),
    Score(
        "react_det_mcp",
        "ReAct MSR",
        _ON_LAYER,
        Judge.PLAIN,
        features.react_msr,
        "max_k softmax(a)_k",
        "Sun et al., NeurIPS 2021",
    ),
    Score(
        "react_det_mls",
        "ReAct MLS",
        _ON_LAYER,
        Judge.PLAIN,
        features.react_max_logit,
        "max_k a_k",
        "Sun et al., NeurIPS 2021",
    ),
    Score(
        "react_energy_mls",
        "ReAct Energy",
        _ON_LAYER,
        Judge.PLAIN,
        features.react_energy,
        "log sum_k exp a_k",
        "Sun et al., NeurIPS 2021",
    ),
    Score(
        "react_temp_mls",
        "ReAct temperature-scaled MSR",
        (*_ON_LAYER, Need.VALIDATION),
        Judge.PLAIN,
        features.react_temperature_msr,
        "max_k softmax(a / T_a)_k",
        "Sun et al., NeurIPS 2021",
    ),
)

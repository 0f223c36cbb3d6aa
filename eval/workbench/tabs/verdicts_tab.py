"""Tab that adds up what people judged: means, preferences, and files to download."""

import gradio as gr

from bot.auth import SignedInPerson
from bot.http.form_fields import Fields
from eval.metrics.statistics import standard_error
from eval.workbench.frame import ALL, Changes, Frame, Tab, html_area, label_choices, render, table, table_value
from eval.workbench.verdicts import CRITERIA, count_preferences, current_verdicts, unfinished_pairs

_MEANS = ("評価", "採点", "人", *CRITERIA.values())
_PREFERENCES = ("評価 1", "よい", "評価 2", "よい ", "同じ", "p（符号検定）")
_Rows = list[list[object]]


class VerdictsTab(Tab):
    """The tab."""

    name = "verdicts"

    def __init__(self, frame: Frame) -> None:
        self._bench = frame.bench
        self.run = gr.Dropdown([ALL], label="評価", value="")
        self.means = table("手で付けた点（1〜5、平均 ± 標準誤差）", _MEANS, visible=False)
        self.preferences = table("目かくしでよいとされた回数", _PREFERENCES, visible=False)
        self.files = html_area(elem_id="files")
        self.fields = {"run": self.run}
        self.outputs = [self.run, self.means, self.preferences, self.files]
        frame.reopen_on([self.run.input], self)

    def open(self, person: SignedInPerson, fields: Fields) -> Changes:
        """Add up the verdicts on one run, or on all."""
        scored, preferred = self._bench.verdicts.scored(), self._bench.verdicts.preferred()
        titles = self._bench.runs.titles()
        hidden = unfinished_pairs(self._bench.runs, preferred, person.name)
        runs = dict.fromkeys(verdict.run for verdict in scored)
        means: _Rows = []
        for run in runs if not fields.one("run") else [fields.one("run")]:
            if verdicts := current_verdicts(verdict for verdict in scored if verdict.run == run):
                marks = [[float(getattr(verdict, name)) for verdict in verdicts] for name in CRITERIA]
                cells = (f"{sum(of) / len(of):.2f} ± {standard_error(of):.2f}" for of in marks)
                means.append([titles.get(run, run), len(verdicts), len({v.scorer for v in verdicts}), *cells])
        preferences: _Rows = []
        for pair in dict.fromkeys(verdict.pair for verdict in current_verdicts(preferred)):
            if pair not in hidden:
                count = count_preferences(pair, preferred)
                first, second = (titles.get(run, run) for run in pair)
                preferences.append([first, count.first, second, count.second, count.same, f"{count.p:.3f}"])
        return {
            self.run: gr.Dropdown([ALL, *label_choices(runs, titles)], value=fields.one("run")),
            self.means: gr.Dataframe(table_value(_MEANS, means), visible=bool(means)),
            self.preferences: gr.Dataframe(table_value(_PREFERENCES, preferences), visible=bool(preferences)),
            self.files: render(
                "verdicts.html", count=len(scored) + len(preferred), hidden=sorted(hidden), titles=titles
            ),
        }

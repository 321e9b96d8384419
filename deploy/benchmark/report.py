"""Collects what was measured, prints it, and holds it against what was asked."""

import json
import statistics

median = statistics.median


class Report:
    def __init__(self):
        self.facts, self.targets, self.notes, self.failures = {}, [], [], []

    def heading(self, text):
        print(f"\n{text}", flush=True)

    def say(self, text):
        print(f"  {text}", flush=True)

    def note(self, text):
        self.notes.append(text)
        print(f"note: {text}", flush=True)

    def fact(self, name, value):
        self.facts[name] = value

    def target(self, name, measured, least=None, most=None, unit=""):
        """One line of what was asked: at least `least` or at most `most`."""
        is_met = measured >= least if least is not None else measured <= most
        asked = f"≥ {least:g}{unit}" if least is not None else f"≤ {most:g}{unit}"
        self.targets.append({"name": name, "asked": asked, "measured": round(measured, 4), "unit": unit, "met": is_met})

    def failed(self, section, error):
        self.failures.append({"section": section, "error": str(error)})
        print(f"FAILED TO RUN: {section}: {error}", flush=True)

    def summary(self):
        if self.targets:
            self.heading("Asked and measured")
            width = max(len(target["name"]) for target in self.targets)
            for target in self.targets:
                word = "met" if target["met"] else "MISSED"
                measured = f'{target["measured"]:.3g}{target["unit"]}'
                self.say(f'{target["name"]:<{width}}  {target["asked"]:>10}  {measured:>10}  {word}')
        for failure in self.failures:
            print(f'not measured: {failure["section"]}: {failure["error"]}')

    def write(self, path):
        with open(path, "w") as file:
            json.dump(
                {"facts": self.facts, "targets": self.targets, "notes": self.notes, "failures": self.failures},
                file, indent=1)
            file.write("\n")

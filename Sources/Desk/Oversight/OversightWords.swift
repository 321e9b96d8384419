package import MailTypes

/// What supervisors hear of their pools beside approvals (FEATURES S27), in their own language.
package struct OversightWords: Sendable {
    /// A case whose deadline has passed.
    package struct OverdueCase: Sendable, Equatable {
        /// `#1042 Parcel`
        package var about: String
        /// `nil`: nobody works on it.
        package var worker: String?
        package var due: Timestamp?

        package init(about: String, worker: String?, due: Timestamp?) {
            (self.about, self.worker, self.due) = (about, worker, due)
        }
    }

    private let language: Language
    private let clock: any DeskClock

    package init(_ language: Language, clock: any DeskClock) { (self.language, self.clock) = (language, clock) }

    private var isPolish: Bool { language == .polish }

    /// The one notice that lists what is overdue.
    package func overdue(_ cases: [OverdueCase], more: Int) -> (subject: String, text: String) {
        let lines = cases.map { item in
            let due = item.due.map { isPolish ? ", termin \(text($0))" : ", due \(text($0))" } ?? ""
            return "- \(item.about): \(item.worker ?? (isPolish ? "nikt" : "nobody"))\(due)"
        } + (more > 0 ? [isPolish ? "- i jeszcze \(more)" : "- and \(more) more"] : [])
        let place = MailboxWord.overdue.name(in: language)
        let count = cases.count + more
        return (
            isPolish ? "Po terminie: \(count)" : "Overdue: \(count)",
            (isPolish ? "W folderze „\(place)”:" : "In \"\(place)\":") + "\n\n" + lines.joined(separator: "\n") + "\n"
        )
    }

    /// A case that goes from hand to hand.
    package func handedOver(_ about: String, _ names: [String]) -> (subject: String, text: String) {
        let count = max(0, names.count - 1)
        let way = names.joined(separator: " → ")
        return isPolish
            ? ("Przekazana \(count) razy: \(about)", "Sprawa \(about) w ciągu godziny: \(way)\n")
            : ("Handed over \(count) times: \(about)", "The case \(about) within an hour: \(way)\n")
    }

    private func text(_ moment: Timestamp) -> String { clock.localTime(of: moment).text }
}

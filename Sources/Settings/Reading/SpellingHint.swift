import Desk

extension Spelling {
    /// `did you mean "smtp"?`, or the list of what is possible when nothing is near.
    static func hint(for word: String, among candidates: [String], listed: Bool = true) -> String? {
        if let nearest = nearest(to: word, among: candidates) { return "did you mean \"\(nearest)\"?" }
        guard listed, !candidates.isEmpty else { return nil }
        let shown = candidates.prefix(24).joined(separator: ", ")
        return "possible are: \(shown)\(candidates.count > 24 ? ", …" : "")"
    }
}

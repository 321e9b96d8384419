import IMAPProtocol
import MailTypes

/// The keywords that a client was told of by FLAGS since it selected the mailbox. Clients drop a keyword that they were
/// not told of before they see it on a message (RFC 3501 §7.2.6), so whatever writes flags passes by here first.
struct AnnouncedKeywords: Sendable {
    /// The most that a FLAGS response names; what was told first is named no more when there are others.
    static let limit = 400

    /// In the order in which they were told, in the spelling met first.
    private(set) var spellings: [String] = []
    private var known: Set<String> = []
    /// Whole lists of messages in which nothing was new, for most messages have one of a few.
    private var knownLists: Set<String> = []

    init(_ keywords: [String] = []) {
        for keyword in keywords.prefix(Self.limit) { _ = add(keyword) }
    }

    /// Looks at keywords about to be shown, separated by spaces; says whether there is one to be told of first.
    mutating func meet(_ list: String) -> Bool {
        guard !knownLists.contains(list) else { return false }
        var isNew = false
        for keyword in list.split(separator: " ") where add(String(keyword)) { isNew = true }
        if knownLists.count >= Self.limit { knownLists = [] }
        knownLists.insert(list)
        return isNew
    }

    private mutating func add(_ keyword: String) -> Bool {
        guard known.insert(keyword.lowercased()).inserted else { return false }
        spellings.append(keyword)
        if spellings.count > Self.limit {
            known.remove(spellings.removeFirst().lowercased())
            knownLists = []
        }
        return true
    }
}

extension IMAPSession {
    /// Tells of the keywords of a message that is about to be shown, if the client does not know of them yet.
    func announceKeywords(_ keywords: [String]) {
        guard !keywords.isEmpty, selected?.keywords.meet(keywords.joined(separator: " ")) == true else { return }
        writeFlagLists()
    }

    /// `* FLAGS` and `[PERMANENTFLAGS]` with what the client knows now (RFC 3501 §7.2.6).
    func writeFlagLists() {
        guard let selected else { return }
        let all = FlagList(
            Flags(rawValue: Flags.personal.rawValue | Flags.shared.rawValue), keywords: selected.keywords.spellings)
        writer.flags(all)
        writer.status(
            .ok(
                selected.isReadOnly ? "Nothing can be changed here" : "Keywords are tags of the case",
                .permanentFlags(selected.isReadOnly ? FlagList() : all, allowsNewKeywords: !selected.isReadOnly)))
    }
}

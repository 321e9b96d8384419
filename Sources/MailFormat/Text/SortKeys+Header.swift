package import MailTypes

extension SortKeys {
    /// Octets of a key that are kept; longer ones differ before that.
    private static let keyLimit = 500
    /// Octets of a subject that can be searched.
    private static let subjectLimit = 32768
    /// References that are kept: the first, which is the thread's root, and the latest.
    private static let referenceLimit = 100

    /// The keys of a message with this header section.
    package init(_ header: HeaderSection) { self = Frame(header).keys(subject: header.unfolded("Subject"), root: nil) }

    /// Everything that does not depend on the case that a mail belongs to, which its stamp and the root of its references
    /// come from.
    package struct Frame: Sendable {
        private var keys = SortKeys()
        private let charset: String?
        private let references: [MessageID]
        private let bracketed: [MessageID]
        private let inReplyTo: [MessageID]

        /// Reads everything but the Subject.
        package init(_ header: HeaderSection) {
            (keys.from, keys.displayFrom) = SortKeys.keys(header, "From")
            (keys.to, keys.displayTo) = SortKeys.keys(header, "To")
            keys.cc = SortKeys.keys(header, "Cc").mailbox
            keys.messageID = header.messageID?.digest
            let unfolded = header.unfolded("References")
            references = unfolded.map(MessageIDs.read) ?? []
            bracketed = unfolded?.contains(UInt8(ascii: "<")) == true ? references : []
            inReplyTo = unfolded == nil || references.isEmpty ? header.inReplyTo : []
            hasReferences = unfolded != nil
            charset = header.contentType?.charset
        }

        private let hasReferences: Bool

        /// The keys of the message as served: with this subject, unfolded and raw, and with References that begin with
        /// `root` as `HeaderRewriter` makes them.
        package func keys(subject: [UInt8]?, root: MessageID?) -> SortKeys {
            var keys = keys
            if let subject {
                let text = EncodedWords.decode(subject, fallback: charset)
                keys.subject = Array(TextFolding.fold(text).prefix(SortKeys.subjectLimit))
                let base = BaseSubject(SortKeys.key(text))
                (keys.baseSubject, keys.isReply) = (base.key, base.isReply)
            }
            keys.references = SortKeys.digests(named(root))
            return keys
        }

        private func named(_ root: MessageID?) -> [MessageID] {
            guard let root else { return references.isEmpty ? Array(inReplyTo.prefix(1)) : references }
            let others = hasReferences ? bracketed : Array(inReplyTo.prefix(1))
            return [root] + others.filter { $0 != root }
        }
    }

    private static func digests(_ references: [MessageID]) -> [Int64] {
        guard references.count > referenceLimit else { return references.map(\.digest) }
        return (references.prefix(1) + references.suffix(referenceLimit - 1)).map(\.digest)
    }

    /// Of the first address of the field that stands first: a group counts by its name, as in ENVELOPE.
    private static func keys(_ header: HeaderSection, _ name: String) -> (mailbox: [UInt8], display: [UInt8]) {
        guard let value = header.unfolded(name), let element = AddressList(value).elements.first else { return ([], []) }
        switch element {
        case .groupEnd: return ([], [])
        case .groupStart(let name):
            let key = key(EncodedWords.decode(name))
            return (key, key)
        case .mailbox(let mailbox):
            let local = key(Charset.decode(mailbox.localPart))
            if let name = mailbox.displayName.map({ key(EncodedWords.decode($0)) }), !name.isEmpty { return (local, name) }
            return (local, mailbox.domain.isEmpty ? local : local + "@".utf8 + key(Charset.decode(mailbox.domain)))
        }
    }

    private static func key(_ text: String) -> [UInt8] {
        let key = TextFolding.sortKey(text)
        return key.count <= keyLimit ? key : Array(key.prefix(keyLimit))
    }
}

import IMAPProtocol

/// What GETMETADATA finds among the annotations of a mailbox or of the server (RFC 5464 §4.2), as a pure function.
struct AnnotationSearch {
    /// Entries to be told, each once; a named entry that does not exist has no value.
    private(set) var found: [(name: String, value: [UInt8]?)] = []
    /// Octets of the longest value that was left out for MAXSIZE; 0: none was.
    private(set) var longestLeftOut = 0

    init(_ wanted: GetMetadata, in annotations: [Annotation]) {
        var told: Set<String> = []
        for name in wanted.entries {
            let matching = annotations.filter { Self.reaches($0.entry, from: name, wanted.depth) }
            for annotation in matching where told.insert(annotation.entry).inserted {
                tell(annotation, wanted.maximumSize)
            }
            if wanted.depth == .zero, matching.isEmpty, told.insert(name).inserted { found.append((name, nil)) }
        }
    }

    private mutating func tell(_ annotation: Annotation, _ maximumSize: UInt32?) {
        if let maximumSize, annotation.value.count > Int(maximumSize) {
            longestLeftOut = max(longestLeftOut, annotation.value.count)
        } else {
            found.append((annotation.entry, annotation.value))
        }
    }

    private static func reaches(_ entry: String, from name: String, _ depth: GetMetadata.Depth) -> Bool {
        if entry == name { return true }
        guard depth != .zero, entry.hasPrefix(name + "/") else { return false }
        return depth == .infinity || !entry.dropFirst(name.count + 1).contains("/")
    }
}

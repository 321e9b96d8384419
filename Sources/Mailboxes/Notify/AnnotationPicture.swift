/// The annotations that a client knows of, for telling which changed (RFC 5465 §5.6, §5.7): of the values only digests.
struct AnnotationPicture: Sendable {
    /// By what they are about, then by name.
    private var digests: [Int64: [String: Int]] = [:]

    /// An annotation that is there.
    mutating func insert(_ annotation: Annotation, of object: Int64) {
        digests[object, default: [:]][annotation.entry] = Self.digest(annotation.value)
    }

    /// What the client itself set, or removed with `nil`.
    mutating func note(_ value: [UInt8]?, named entry: String, of object: AnnotatedObject) {
        digests[object.rawValue, default: [:]][entry] = value.map(Self.digest)
    }

    /// Entries that came, went or have another value than in `old`, in order.
    func changes(since old: AnnotationPicture, of object: AnnotatedObject) -> [String] {
        let (now, before) = (digests[object.rawValue] ?? [:], old.digests[object.rawValue] ?? [:])
        guard now != before else { return [] }
        return Set(now.keys).union(before.keys).filter { now[$0] != before[$0] }.sorted()
    }

    private static func digest(_ value: [UInt8]) -> Int {
        var hasher = Hasher()
        hasher.combine(value)
        return hasher.finalize()
    }
}

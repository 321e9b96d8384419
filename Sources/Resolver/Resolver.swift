package import MailTypes
import Synchronization

/// Asks the domain name system, with DNSSEC validation and libunbound's cache. Nothing here blocks: a thread of its own
/// holds the library's context and completes what callers wait for.
///
///     let resolver = try DNSResolver(Configuration())
///     let answer = try await resolver.lookup("example.org", .mx)
///     answer.records.sorted { $0.preference < $1.preference }
package final class DNSResolver: Sendable {
    private let loop: QuestionLoop
    private let deadline: Duration
    private let cache = AnswerCache()

    /// Makes the library's context and its thread. Reads the trust anchor, so on start-up and never on an event loop.
    package init(_ configuration: Configuration) throws(ConfigurationFailure) {
        let context = try Context(configuration)
        loop = try QuestionLoop(context, limit: configuration.maximumOutstanding)
        deadline = configuration.deadline
    }

    /// Fails what is still open and ends the thread; what is asked afterwards fails at once.
    package func close() { loop.close() }

    deinit { loop.close() }

    /// The records of a type under a name, aliases followed. A name may hold any octets in its labels, as SPF's macros
    /// make them. The task's cancellation ends the wait.
    package func lookup<Record>(
        _ name: String, _ type: RecordType<Record>, within limit: Duration? = nil
    ) async throws(LookupFailure) -> DNSAnswer<Record> {
        guard let spelled = QuestionName.presentation(name) else {
            throw LookupFailure(.impossibleName)
        }
        let now = ContinuousClock.now
        let key = AnswerCache.Key(name: spelled.lowercased(), type: type.number)
        if let known = cache.answer(to: key, at: now) {
            return known.map { data in data.withUnsafeBytes { type.read($0) } }
        }
        let cancellation = Cancellation()
        let deadline = now + (limit ?? deadline)
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                loop.ask(
                    Question(name: spelled, type: type.number, deadline: deadline, cancellation: cancellation) {
                        continuation.resume(returning: $0)
                    })
            }
        } onCancel: {
            loop.cancel(cancellation)
        }
        let answer = try result.get()
        cache.keep(answer, of: key, at: now)
        return answer.map { data in data.withUnsafeBytes { type.read($0) } }
    }

    /// The names that an address has, by its PTR records.
    package func names(
        of address: IPAddress, within limit: Duration? = nil
    ) async throws(LookupFailure) -> DNSAnswer<String> {
        try await lookup(address.reverseName, .ptr, within: limit)
    }
}

/// How a name is handed to libunbound.
enum QuestionName {
    /// The name in the presentation form of RFC 1035 §5.1 with everything escaped that is no letter, digit, hyphen or
    /// underscore; `nil` for a name with an empty or over-long label or more than 253 octets.
    static func presentation(_ name: String) -> String? {
        var octets = name.utf8[...]
        if octets.last == UInt8(ascii: ".") { octets = octets.dropLast() }
        if octets.isEmpty { return name.isEmpty ? nil : "." }
        guard octets.count <= 253 else { return nil }
        var result = ""
        for label in octets.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false) {
            guard (1...63).contains(label.count) else { return nil }
            for octet in label {
                switch octet {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                    result.unicodeScalars.append(UnicodeScalar(octet))
                default:
                    let digits = String(octet)
                    result += "\\" + String(repeating: "0", count: 3 - digits.count) + digits
                }
            }
            result += "."
        }
        return result
    }
}

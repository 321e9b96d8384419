import MailAuth
import MailFormat

/// A mail that streams through, as far as its judgement needs it: the header section, and digests of what has come of the body.
package struct LargeMail: Sendable {
    let header: HeaderSection
    private(set) var digests: MessageDigests
    private(set) var size: Int

    /// Begins with the octets that have come; `nil`: the header section has no end in them.
    package init?(_ beginning: [UInt8]) {
        let whole = HeaderSection(beginning)
        guard whole.hasEmptyLine else { return nil }
        header = HeaderSection(beginning[..<whole.bodyStart])
        digests = MessageDigests(header)
        size = beginning.count
        let start = whole.bodyStart
        beginning.withUnsafeBytes { digests.update(UnsafeRawBufferPointer(rebasing: $0[start...])) }
    }

    /// Where the body begins.
    package var bodyStart: Int { header.octets.count }

    /// Takes the next octets of the body.
    package mutating func update(_ octets: UnsafeRawBufferPointer) {
        size += octets.count
        digests.update(octets)
    }
}

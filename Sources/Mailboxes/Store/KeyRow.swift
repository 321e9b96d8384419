package import MailTypes

/// What SORT and THREAD read of a message.
package struct KeyRow: Sendable, Equatable {
    package var uid: UInt32 = 0
    /// The Date field, else the internal date.
    package var sentAt = Timestamp(microseconds: 0)
    package var arrival = Timestamp(microseconds: 0)
    package var size = 0
    package var isReply = false
    /// The digest of the Message-ID.
    package var messageID: Int64?
    /// Digests, eldest first.
    package var references: [Int64] = []
    /// The texts that were asked for.
    package var texts: [[UInt8]] = []

    package init() {}
}

/// How much one command may ask of us (CVE-2024-34055, CVE-2025-61600 were literal floods).
package struct DecoderLimits: Equatable, Sendable {
    /// Octets of a line without its literals, line ends included.
    package var lineLength: Int
    /// Octets of a literal that is no message.
    package var literalSize: Int
    /// Octets of all such literals of a command.
    package var literalSum: Int
    package var literalCount: Int
    /// Parentheses, NOT and OR within each other in a search program.
    package var nesting: Int
    /// Elements of one list: sequence ranges, search keys, fetch items, header field names, flags.
    package var listCount: Int
    /// Message sets in a search program: each is laid out over the mailbox.
    package var searchSetCount: Int
    /// Items of one FETCH: each is made of every message.
    package var itemCount: Int
    /// Octets of all patterns of one LIST: each is held against every name.
    package var patternLength: Int
    /// Octets of an appended message; 0 refuses APPEND with BAD.
    package var messageSize: Int
    /// Octets that are read and thrown away of a refused command: of the literals that it sends without asking
    /// (LITERAL+) together, and of any one line; beyond it the connection is closed.
    package var skippedLiteralSize: Int

    package init(
        lineLength: Int = 65_536, literalSize: Int = 102_400, literalSum: Int = 1_048_576, literalCount: Int = 1000,
        nesting: Int = 128, listCount: Int = 10_000, searchSetCount: Int = 100, itemCount: Int = 256,
        patternLength: Int = 8192, messageSize: Int = 37_748_736, skippedLiteralSize: Int = 104_857_600
    ) {
        (self.lineLength, self.literalSize, self.literalSum) = (lineLength, literalSize, literalSum)
        (self.literalCount, self.nesting, self.listCount) = (literalCount, nesting, listCount)
        (self.searchSetCount, self.itemCount, self.patternLength) = (searchSetCount, itemCount, patternLength)
        (self.messageSize, self.skippedLiteralSize) = (messageSize, skippedLiteralSize)
    }

    /// Before login: room for a long password or token, not more.
    package static let unauthenticated = DecoderLimits(
        lineLength: 16_384, literalSize: 4096, literalSum: 16_384, literalCount: 8, nesting: 4, listCount: 64,
        messageSize: 0, skippedLiteralSize: 65_536)
    /// The defaults, which allow 36 MiB to APPEND.
    package static let authenticated = DecoderLimits()
}

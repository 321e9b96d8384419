import IMAPProtocol

/// Answers that may name every message of a mailbox, written and sent in pieces: a slow reader holds the session up, and
/// no buffer grows with the mailbox.
extension IMAPSession {
    /// Numbers or ranges of one piece: a quarter of what is sent together. A number has 10 digits at most.
    private var numbersPerPiece: Int { max(1, configuration.responsesTogether / 64) }

    /// Numbers of SEARCH.
    func write(numbers: NumberSet) async throws {
        var pages = UIDPages(numbers, pageSize: numbersPerPiece)
        while let page = pages.next() {
            writer.numbers(page)
            try await flushIfLarge()
        }
    }

    /// Numbers of SORT.
    func write(numbers: [UInt32]) async throws {
        try await eachPiece(of: numbers) { piece, _ in writer.numbers(piece) }
    }

    /// Numbers of ESEARCH ALL.
    func write(ranges: NumberSet) async throws {
        var isFirst = true
        for piece in ranges.pieces(ofRanges: numbersPerPiece) {
            writer.eSearchNumbers(piece, isFirst: isFirst)
            isFirst = false
            try await flushIfLarge()
        }
    }

    /// Numbers of ESEARCH ALL in the order of SORT.
    func write(sorted numbers: [UInt32]) async throws {
        try await eachPiece(of: numbers) { piece, isFirst in writer.eSortNumbers(piece, isFirst: isFirst) }
    }

    /// Octets as they stand.
    func write(octets: [UInt8]) async throws {
        let count = max(1, configuration.responsesTogether)
        for start in stride(from: 0, to: octets.count, by: count) {
            writer.raw(octets[start...].prefix(count))
            try await flushIfLarge()
        }
    }

    /// `* VANISHED`, in lines of bounded length.
    func tellVanished(_ uids: NumberSet, isEarlier: Bool = false) async throws {
        for piece in uids.pieces(ofRanges: min(1000, numbersPerPiece)) {
            writer.vanished(piece, isEarlier: isEarlier)
            try await flushIfLarge()
        }
    }

    private func eachPiece(of numbers: [UInt32], _ write: (ArraySlice<UInt32>, _ isFirst: Bool) -> Void) async throws {
        for start in stride(from: 0, to: numbers.count, by: numbersPerPiece) {
            write(numbers[start...].prefix(numbersPerPiece), start == 0)
            try await flushIfLarge()
        }
    }
}

package import MailTypes

/// The answers of SEARCH, SORT and THREAD, which may name every message of a mailbox. They are written in pieces, so that
/// what was written can be sent in between: one of the `begin…` methods, the numbers piece by piece, the `end…` method.
extension ResponseWriter {
    /// `* SEARCH` (RFC 3501 §7.2.5); `numbers` and `endSearch` follow.
    package mutating func beginSearch() { write("* SEARCH") }

    /// `* SORT` (RFC 5256), in the order of its numbers; `numbers` and `endSearch` follow.
    package mutating func beginSort() { write("* SORT") }

    /// Numbers of SEARCH or SORT.
    package mutating func numbers(_ numbers: some Sequence<UInt32>) {
        for number in numbers {
            write(octet: 0x20)
            write(number: number)
        }
    }

    /// Ends SEARCH or SORT, with the highest mod-sequence among the messages found if the program asked for MODSEQ and
    /// found something (RFC 7162 §3.1.5).
    package mutating func endSearch(modSequence: ModSequence?) {
        if let modSequence {
            write(" (MODSEQ ")
            write(number: modSequence.number)
            write(octet: UInt8(ascii: ")"))
        }
        crlf()
    }

    /// `* ESEARCH` (RFC 4731): what the options ask for, of the messages found; `ends` are what MIN and MAX name. They and
    /// ALL are left out where nothing was found. With ALL `eSearchNumbers` follow; `endESearch` always does.
    package mutating func beginESearch(
        tag: String, _ numbering: MessageSet.Numbering, _ options: SearchResultOptions, ends: (UInt32, UInt32)?
    ) {
        write("* ESEARCH (TAG ")
        write(string: tag)
        write(octet: UInt8(ascii: ")"))
        if numbering == .uids { write(" UID") }
        guard let ends else { return }
        if options.contains(.min) {
            write(" MIN ")
            write(number: ends.0)
        }
        if options.contains(.max) {
            write(" MAX ")
            write(number: ends.1)
        }
        if options.contains(.all) { write(" ALL ") }
    }

    /// Numbers of ALL; `isFirst`: nothing of it was written yet.
    package mutating func eSearchNumbers(_ numbers: NumberSet, isFirst: Bool) {
        if !isFirst { write(octet: UInt8(ascii: ",")) }
        write(set: numbers)
    }

    /// Numbers of ALL for SORT (RFC 5267 §3), in an order of which only runs that ascend by one are drawn together.
    package mutating func eSortNumbers(_ numbers: some Sequence<UInt32>, isFirst: Bool) {
        if !isFirst { write(octet: UInt8(ascii: ",")) }
        write(uids: numbers.map { UID($0) })
    }

    /// Ends ESEARCH: how many there are, where the options ask for it, and the mod-sequence.
    package mutating func endESearch(_ options: SearchResultOptions, count: Int, modSequence: ModSequence?) {
        if options.contains(.count) {
            write(" COUNT ")
            write(number: count)
        }
        if let modSequence, count > 0 {
            write(" MODSEQ ")
            write(number: modSequence.number)
        }
        crlf()
    }

    /// `* THREAD` (RFC 5256 §4); the threads follow as they are written, and a line end. Nothing stands behind the word
    /// without any.
    package mutating func beginThread(isEmpty: Bool) { if isEmpty { write("* THREAD") } else { write("* THREAD ") } }

    /// Ends THREAD.
    package mutating func endThread() { crlf() }
}

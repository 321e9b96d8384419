package import MailTypes

extension ResponseWriter {
    /// `* SEARCH` (RFC 3501 §7.2.5), with the highest mod-sequence among the messages found if the search asked for
    /// MODSEQ and found something (RFC 7162 §3.1.5).
    package mutating func search(_ numbers: NumberSet, modSequence: ModSequence? = nil) {
        write("* SEARCH")
        for range in numbers.ranges {
            for number in range {
                write(octet: 0x20)
                write(number: number)
            }
        }
        write(modSequence: numbers.isEmpty ? nil : modSequence)
    }

    /// `* SORT` (RFC 5256), in the order given.
    package mutating func sort(_ numbers: [UInt32], modSequence: ModSequence? = nil) {
        write("* SORT")
        for number in numbers {
            write(octet: 0x20)
            write(number: number)
        }
        write(modSequence: numbers.isEmpty ? nil : modSequence)
    }

    /// `* ESEARCH` for SORT (RFC 5267 §3): MIN and MAX are the first and the last, ALL keeps the order, in which only runs
    /// that ascend by one are drawn together.
    package mutating func eSort(
        tag: String, _ numbering: MessageSet.Numbering, _ options: SearchResultOptions, _ numbers: [UInt32],
        modSequence: ModSequence? = nil
    ) {
        write("* ESEARCH (TAG ")
        write(string: tag)
        write(octet: UInt8(ascii: ")"))
        if numbering == .uids { write(" UID") }
        if let first = numbers.first, let last = numbers.last {
            if options.contains(.min) {
                write(" MIN ")
                write(number: first)
            }
            if options.contains(.max) {
                write(" MAX ")
                write(number: last)
            }
            if options.contains(.all) {
                write(" ALL ")
                write(uids: numbers.map { UID($0) })
            }
        }
        if options.contains(.count) {
            write(" COUNT ")
            write(number: numbers.count)
        }
        if let modSequence, !numbers.isEmpty {
            write(" MODSEQ ")
            write(number: modSequence.number)
        }
        crlf()
    }

    /// `* THREAD` (RFC 5256 §4) with the threads as they are written; nothing behind the word without any.
    package mutating func thread(_ threads: [UInt8]) {
        write("* THREAD")
        if !threads.isEmpty { write(octet: 0x20) }
        raw(threads)
        crlf()
    }

    /// `* ESEARCH` (RFC 4731): what the options ask for, of the messages found. MIN, MAX and ALL are left out where
    /// nothing was found; COUNT never is.
    package mutating func eSearch(
        tag: String, _ numbering: MessageSet.Numbering, _ options: SearchResultOptions, _ numbers: NumberSet,
        modSequence: ModSequence? = nil
    ) {
        write("* ESEARCH (TAG ")
        write(string: tag)
        write(octet: UInt8(ascii: ")"))
        if numbering == .uids { write(" UID") }
        if let min = numbers.min, let max = numbers.max {
            if options.contains(.min) {
                write(" MIN ")
                write(number: min)
            }
            if options.contains(.max) {
                write(" MAX ")
                write(number: max)
            }
            if options.contains(.all) {
                write(" ALL ")
                write(set: numbers)
            }
        }
        if options.contains(.count) {
            write(" COUNT ")
            write(number: numbers.count)
        }
        if let modSequence, !numbers.isEmpty {
            write(" MODSEQ ")
            write(number: modSequence.number)
        }
        crlf()
    }

    private mutating func write(modSequence: ModSequence?) {
        if let modSequence {
            write(" (MODSEQ ")
            write(number: modSequence.number)
            write(octet: UInt8(ascii: ")"))
        }
        crlf()
    }
}

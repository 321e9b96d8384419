import MailTypes

extension CommandParser {
    mutating func search(_ numbers: MessageSet.Numbering) throws(SyntaxError) -> SearchCommand {
        try space()
        let options = try resultOptions()
        if takeWord("CHARSET") {
            try space()
            guard isKnownCharset(try astring()) else {
                // RFC 6855 §3 would have every charset refused here; neomutt names UTF-8 all the same, which is no conflict.
                if refusesCharset { throw SyntaxError("With UTF8=ACCEPT the charset is UTF-8") }
                // What follows cannot be read. The session must know, for SAVE empties the saved result (RFC 5182 §2.1).
                advance(Int.max - index)
                var command = SearchCommand(.all, numbers: numbers, resultOptions: options)
                command.hasUnknownCharset = true
                return command
            }
            try space()
        }
        return SearchCommand(try program(), numbers: numbers, resultOptions: options)
    }

    /// `SORT (REVERSE DATE) UTF-8 ALL` (RFC 5256 §5).
    mutating func sort(_ numbers: MessageSet.Numbering) throws(SyntaxError) -> SortCommand {
        try space()
        let options = try resultOptions()
        var criteria: [SortCommand.Criterion] = []
        try list { (parser: inout CommandParser) throws(SyntaxError) in criteria.append(try parser.sortCriterion()) }
        guard !criteria.isEmpty else { throw SyntaxError("Expected a sort criterion") }
        try space()
        try charset()
        try space()
        return SortCommand(criteria, SearchCommand(try program(), numbers: numbers, resultOptions: options))
    }

    /// `THREAD REFERENCES UTF-8 ALL`
    mutating func thread(_ numbers: MessageSet.Numbering) throws(SyntaxError) -> ThreadCommand {
        try space()
        let algorithm = try word()
        try space()
        try charset()
        try space()
        return ThreadCommand(algorithm, SearchCommand(try program(), numbers: numbers))
    }

    private mutating func sortCriterion() throws(SyntaxError) -> SortCommand.Criterion {
        var name = try word()
        let isReverse = name == "REVERSE"
        if isReverse {
            try space()
            name = try word()
        }
        let key: SortCommand.Key
        switch name {
        case "ARRIVAL": key = .arrival
        case "CC": key = .cc
        case "DATE": key = .date
        case "FROM": key = .from
        case "SIZE": key = .size
        case "SUBJECT": key = .subject
        case "TO": key = .to
        case "DISPLAYFROM": key = .displayFrom
        case "DISPLAYTO": key = .displayTo
        default: throw SyntaxError("Unknown sort criterion")
        }
        return SortCommand.Criterion(key, isReverse: isReverse)
    }

    /// `RETURN (…) ` with the space behind it. Nothing in the parentheses means ALL (RFC 4731 §3.1).
    private mutating func resultOptions() throws(SyntaxError) -> SearchResultOptions? {
        guard takeWord("RETURN") else { return nil }
        try space()
        var options: SearchResultOptions = []
        try list { (parser: inout CommandParser) throws(SyntaxError) in
            switch try parser.word() {
            case "MIN": options.insert(.min)
            case "MAX": options.insert(.max)
            case "ALL": options.insert(.all)
            case "COUNT": options.insert(.count)
            case "SAVE": options.insert(.save)
            default: throw SyntaxError("Unknown result option")
            }
        }
        try space()
        return options.isEmpty ? .all : options
    }

    /// UTF-8 holds all of US-ASCII; anything else the client has to convert itself (RFC 3501 §6.4.4).
    private mutating func charset() throws(SyntaxError) {
        guard isKnownCharset(try astring()) else { throw SyntaxError(.unknownCharset) }
    }

    private func isKnownCharset(_ name: [UInt8]) -> Bool {
        ["UTF-8", "UTF8", "US-ASCII", "ASCII"].contains(String(decoding: name, as: UTF8.self).uppercased())
    }

    /// One or more keys up to the end of the command.
    private mutating func program() throws(SyntaxError) -> SearchKey {
        var keys = [try key(depth: 0)]
        while takeSpaceBeforeMore() { keys.append(try key(depth: 0)) }
        return keys.count == 1 ? keys[0] : .and(keys)
    }

    private mutating func key(depth: Int) throws(SyntaxError) -> SearchKey {
        guard depth <= limits.nesting else { throw SyntaxError(limits.nestedTooDeeply) }
        keyCount += 1
        guard keyCount <= limits.listCount else { throw SyntaxError(limits.programTooLong) }
        switch next {
        case UInt8(ascii: "("):
            var keys: [SearchKey] = []
            try list { (parser: inout CommandParser) throws(SyntaxError) in
                keys.append(try parser.key(depth: depth + 1))
            }
            guard !keys.isEmpty else { throw SyntaxError("Expected a search key") }
            return keys.count == 1 ? keys[0] : .and(keys)
        case let octet? where ByteClass.isDigit(octet) || octet == UInt8(ascii: "*") || octet == UInt8(ascii: "$"):
            return try messagesKey(.sequenceNumbers)
        default:
            return try namedKey(try word(), depth: depth)
        }
    }

    private mutating func namedKey(_ name: String, depth: Int) throws(SyntaxError) -> SearchKey {
        switch name {
        case "NOT":
            try space()
            return .not(try key(depth: depth + 1))
        case "OR":
            try space()
            let left = try key(depth: depth + 1)
            try space()
            return .or(left, try key(depth: depth + 1))
        case "ALL": return .all
        case "NEW": return .new
        case "OLD": return .old
        case "RECENT": return .recent
        case "ANSWERED": return .flag(.answered, isSet: true)
        case "DELETED": return .flag(.deleted, isSet: true)
        case "DRAFT": return .flag(.draft, isSet: true)
        case "FLAGGED": return .flag(.flagged, isSet: true)
        case "SEEN": return .flag(.seen, isSet: true)
        case "UNANSWERED": return .flag(.answered, isSet: false)
        case "UNDELETED": return .flag(.deleted, isSet: false)
        case "UNDRAFT": return .flag(.draft, isSet: false)
        case "UNFLAGGED": return .flag(.flagged, isSet: false)
        case "UNSEEN": return .flag(.seen, isSet: false)
        case "SAVEDATESUPPORTED": return .saveDateSupported
        default:
            guard isAtEnd || next == UInt8(ascii: " ") || next == UInt8(ascii: ")") else {
                throw SyntaxError("Unknown search key")
            }
            return try keyWithArgument(name)
        }
    }

    private mutating func keyWithArgument(_ name: String) throws(SyntaxError) -> SearchKey {
        switch name {
        case "KEYWORD": return try keywordKey(isSet: true)
        case "UNKEYWORD": return try keywordKey(isSet: false)
        case "FROM": return .from(try textArgument())
        case "TO": return .to(try textArgument())
        case "CC": return .cc(try textArgument())
        case "BCC": return .bcc(try textArgument())
        case "SUBJECT": return .subject(try textArgument())
        case "BODY": return .body(try textArgument())
        case "TEXT": return .text(try textArgument())
        case "HEADER":
            let fieldName = try textArgument()
            return .header(fieldName: fieldName, try textArgument())
        case "BEFORE": return .date(.internalDate, .before, try dateArgument())
        case "ON": return .date(.internalDate, .on, try dateArgument())
        case "SINCE": return .date(.internalDate, .since, try dateArgument())
        case "SENTBEFORE": return .date(.sent, .before, try dateArgument())
        case "SENTON": return .date(.sent, .on, try dateArgument())
        case "SENTSINCE": return .date(.sent, .since, try dateArgument())
        case "SAVEDBEFORE": return .date(.saved, .before, try dateArgument())
        case "SAVEDON": return .date(.saved, .on, try dateArgument())
        case "SAVEDSINCE": return .date(.saved, .since, try dateArgument())
        case "LARGER":
            try space()
            return .larger(try number64())
        case "SMALLER":
            try space()
            return .smaller(try number64())
        case "OLDER":
            try space()
            return .older(seconds: try nonZeroNumber())
        case "YOUNGER":
            try space()
            return .younger(seconds: try nonZeroNumber())
        case "UID":
            try space()
            return try messagesKey(.uids)
        case "MODSEQ": return try modSequenceKey()
        case "EMAILID":
            try space()
            return .emailID(try atom())
        case "THREADID":
            try space()
            return .threadID(try atom())
        default: throw SyntaxError("Unknown search key")
        }
    }

    private mutating func messagesKey(_ numbers: MessageSet.Numbering) throws(SyntaxError) -> SearchKey {
        setCount += 1
        guard setCount <= limits.searchSetCount else { throw SyntaxError(limits.tooManySets) }
        return .messages(MessageSet(numbers, try sequenceSet()))
    }

    private mutating func keywordKey(isSet: Bool) throws(SyntaxError) -> SearchKey {
        try space()
        let name = try atom()
        guard let flag = Flags(spelling: name) else { return .keyword(name, isSet: isSet) }
        return .flag(flag, isSet: isSet)
    }

    /// `MODSEQ 620162338` or `MODSEQ "/flags/\\draft" all 620162338` (RFC 7162 §3.1.5). Stempel keeps one mod-sequence
    /// for all of a message, which the RFC allows, so the entry says nothing.
    private mutating func modSequenceKey() throws(SyntaxError) -> SearchKey {
        try space()
        if next == UInt8(ascii: "\"") {
            _ = try string()
            try space()
            guard takeWord("ALL") || takeWord("PRIV") || takeWord("SHARED") else {
                throw SyntaxError("Expected priv, shared or all")
            }
            try space()
        }
        return .modSequence(try modSequence())
    }

    private mutating func textArgument() throws(SyntaxError) -> String {
        try space()
        return try text(try astring())
    }

    private mutating func dateArgument() throws(SyntaxError) -> CivilTime {
        try space()
        return try date()
    }
}

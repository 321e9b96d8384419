extension CommandParser {
    /// LIST (RFC 5258 §6), LSUB and XLIST, which have no extensions.
    mutating func list(_ kind: ListCommand.Kind) throws(SyntaxError) -> ListCommand {
        try space()
        var command = ListCommand(kind, patterns: [])
        if kind == .list, next == UInt8(ascii: "(") {
            command.selection = try selectionOptions()
            command.isExtended = true
            try space()
        }
        command.reference = try decodedName(try astring())
        try space()
        if kind == .list, next == UInt8(ascii: "(") {
            command.isExtended = true
            try list { (parser: inout CommandParser) throws(SyntaxError) in
                command.patterns.append(try parser.pattern(reference: command.reference))
            }
            guard !command.patterns.isEmpty else { throw SyntaxError("Expected a pattern") }
        } else {
            command.patterns = [try pattern(reference: command.reference)]
        }
        guard kind == .list, takeSpaceBeforeMore() else { return command }
        guard takeWord("RETURN") else { throw SyntaxError("Expected RETURN") }
        command.isExtended = true
        try space()
        try returnOptions(&command)
        return command
    }

    private mutating func selectionOptions() throws(SyntaxError) -> ListSelectionOptions {
        var options: ListSelectionOptions = []
        try list { (parser: inout CommandParser) throws(SyntaxError) in
            switch try parser.word() {
            case "SUBSCRIBED": options.insert(.subscribed)
            case "REMOTE": options.insert(.remote)
            case "RECURSIVEMATCH": options.insert(.recursiveMatch)
            case "SPECIAL-USE": options.insert(.specialUse)
            default: throw SyntaxError("Unknown selection option")
            }
        }
        // It modifies SUBSCRIBED and nothing else: SPECIAL-USE is independent of it (RFC 5258 §3.1, RFC 6154 §6).
        guard !options.contains(.recursiveMatch) || options.contains(.subscribed) else {
            throw SyntaxError("RECURSIVEMATCH needs SUBSCRIBED")
        }
        return options
    }

    private mutating func returnOptions(_ command: inout ListCommand) throws(SyntaxError) {
        var options: ListReturnOptions = []
        var items: StatusItems?
        try list { (parser: inout CommandParser) throws(SyntaxError) in
            switch try parser.word() {
            case "SUBSCRIBED": options.insert(.subscribed)
            case "CHILDREN": options.insert(.children)
            case "SPECIAL-USE": options.insert(.specialUse)
            case "STATUS":
                try parser.space()
                items = try parser.statusItems()
            default: throw SyntaxError("Unknown return option")
            }
        }
        (command.returnOptions, command.statusItems) = (options, items)
    }

    private mutating func pattern(reference: String) throws(SyntaxError) -> MailboxPattern {
        let octets: [UInt8]
        if let string = try takeString() {
            octets = string
        } else {
            octets = Array(try run("a pattern", where: ByteClass.isListMailbox))
        }
        patternLength += reference.utf8.count + octets.count
        guard patternLength <= limits.patternLength else { throw SyntaxError(limits.patternsTooLong) }
        return MailboxPattern(reference: reference, try decodedName(octets))
    }

    private func decodedName(_ octets: [UInt8]) throws(SyntaxError) -> String {
        guard let text = MailboxName.decoded(octets, isUTF8: isUTF8) else {
            throw SyntaxError("Mailbox name is neither UTF-8 nor modified UTF-7")
        }
        return text
    }
}

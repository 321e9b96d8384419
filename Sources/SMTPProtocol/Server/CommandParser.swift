import MailTypes

/// Reads command lines. Verbs and keywords are case-insensitive; blanks at the end of a line are ignored.
struct CommandParser {
    let role: SMTPServerSession.Role
    let takesAuth: Bool

    /// Reads a line without its CRLF.
    func parse(_ line: UnsafeRawBufferPointer) -> Command {
        var scanner = LineScanner(line)
        guard !scanner.hasControls else { return .invalid(.unknownCommand) }
        let verb = scanner.word()
        scanner.skipBlanks()
        switch verb.count {
        case 4: return parse(verb: Self.packed(verb), &scanner)
        case 8 where verb.equals("STARTTLS"): return scanner.isAtEnd ? .startTLS : .invalid(.badArguments)
        case 0...: return isForeign(verb) ? .foreignProtocol : .invalid(.unknownCommand)
        default: return .invalid(.unknownCommand)
        }
    }

    private func parse(verb: UInt32, _ scanner: inout LineScanner) -> Command {
        switch verb {
        case Self.ehlo: return greeting(&scanner, Command.ehlo)
        case Self.helo: return greeting(&scanner, Command.helo)
        case Self.mail: return mail(&scanner)
        case Self.rcpt: return recipient(&scanner)
        case Self.data: return scanner.isAtEnd ? .data : .invalid(.badArguments)
        case Self.bdat: return chunk(&scanner)
        case Self.rset: return scanner.isAtEnd ? .rset : .invalid(.badArguments)
        case Self.noop: return .noop
        case Self.quit: return scanner.isAtEnd ? .quit : .invalid(.badArguments)
        case Self.vrfy: return scanner.isAtEnd ? .invalid(.badArguments) : .vrfy
        case Self.expn: return .expn
        case Self.help: return .help
        case Self.auth where takesAuth: return auth(&scanner)
        case Self.post, Self.head: return .foreignProtocol
        default: return .invalid(.unknownCommand)
        }
    }

    private func greeting(_ scanner: inout LineScanner, _ command: (String) -> Command) -> Command {
        let name = scanner.word()
        // The name goes into our Received field, so only what can stand there is taken.
        guard !name.isEmpty, name.count <= 255, name.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            return .invalid(.badArguments)
        }
        return command(String(decoding: name, as: UTF8.self))
    }

    private func mail(_ scanner: inout LineScanner) -> Command {
        guard scanner.skip("FROM:") else { return .invalid(.badArguments) }
        // Outlook writes a blank there; from a mail server it is nothing but a broken sender.
        if role == .submission { scanner.skipBlanks() }
        guard let path = scanner.path(), path != .postmaster else { return .invalid(.badSender) }
        var arguments = MailArguments(path: path)
        var seen: ParameterSet = []
        while true {
            guard scanner.skipParameterSeparator() else { return .invalid(.badSender) }
            if scanner.isAtEnd { break }
            guard let (keyword, value) = scanner.parameter() else { return .invalid(.badArguments) }
            switch keyword.count {
            case 4 where keyword.equals("SIZE"):
                guard seen.insert(.size).inserted, let size = value?.decimal(maximumDigits: 20) else {
                    return .invalid(.badArguments)
                }
                arguments.declaredSize = size
            case 4 where keyword.equals("BODY"):
                guard seen.insert(.body).inserted, let value else { return .invalid(.badArguments) }
                if value.equals("8BITMIME") {
                    arguments.is8BitMIME = true
                } else if value.equals("BINARYMIME") {
                    return .invalid(.unknownParameter)
                } else if !value.equals("7BIT") {
                    return .invalid(.badArguments)
                }
            case 8 where keyword.equals("SMTPUTF8"):
                guard seen.insert(.smtpUTF8).inserted, value == nil else { return .invalid(.badArguments) }
                arguments.isSMTPUTF8 = true
            case 7 where keyword.equals("HOLDFOR") && role == .submission:
                // One of the two, once (RFC 4865 §4).
                guard seen.insert(.hold).inserted, let seconds = value?.decimal(maximumDigits: 9) else {
                    return .invalid(.badArguments)
                }
                arguments.hold = .seconds(seconds)
            case 9 where keyword.equals("HOLDUNTIL") && role == .submission:
                guard seen.insert(.hold).inserted, let moment = value.flatMap({ InternetDateTime.read($0) }) else {
                    return .invalid(.badArguments)
                }
                arguments.hold = .until(moment)
            case 3 where keyword.equals("RET"):
                guard seen.insert(.ret).inserted, let value else { return .invalid(.badArguments) }
                guard value.equals("FULL") || value.equals("HDRS") else { return .invalid(.badArguments) }
                arguments.returnedContent = value.equals("FULL") ? .full : .headers
            case 5 where keyword.equals("ENVID"):
                // At most 100 characters of xtext (RFC 3461 §4.4).
                guard seen.insert(.envelopeID).inserted, let value, (1...100).contains(value.count), XText.isValid(value)
                else { return .invalid(.badArguments) }
                arguments.envelopeID = String(decoding: value, as: UTF8.self)
            case 10 where keyword.equals("REQUIRETLS"):
                guard seen.insert(.requiresTLS).inserted, value == nil else { return .invalid(.badArguments) }
                arguments.requiresTLS = true
            case 4 where keyword.equals("AUTH") && role == .submission:
                // RFC 4954 §5: who offers AUTH takes the parameter; nobody is trusted to submit for others.
                guard seen.insert(.auth).inserted, value != nil else { return .invalid(.badArguments) }
            default: return .invalid(.unknownParameter)
            }
        }
        return .mail(arguments)
    }

    private func recipient(_ scanner: inout LineScanner) -> Command {
        guard scanner.skip("TO:") else { return .invalid(.badArguments) }
        if role == .submission { scanner.skipBlanks() }
        guard let path = scanner.path(), path != .null else { return .invalid(.badRecipient) }
        var request: NotificationRequest?
        while true {
            guard scanner.skipParameterSeparator() else { return .invalid(.badRecipient) }
            if scanner.isAtEnd { return .rcpt(path, request) }
            guard let (keyword, value) = scanner.parameter() else { return .invalid(.badArguments) }
            var wish = request ?? NotificationRequest()
            if keyword.equals("NOTIFY") {
                guard wish.events == nil, let value,
                    let events = NotificationRequest.Events(String(decoding: value, as: UTF8.self))
                else { return .invalid(.badArguments) }
                wish.events = events
            } else if keyword.equals("ORCPT") {
                guard wish.originalRecipient == nil, let value, Self.isOriginalRecipient(value) else {
                    return .invalid(.badArguments)
                }
                wish.originalRecipient = String(decoding: value, as: UTF8.self)
            } else {
                return .invalid(.unknownParameter)
            }
            request = wish
        }
    }

    /// A type of address, a semicolon, and the address in xtext, at most 500 octets (RFC 3461 §4.2); with SMTPUTF8 it may be
    /// UTF-8 (RFC 6533 §3).
    private static func isOriginalRecipient(_ value: Slice<UnsafeRawBufferPointer>) -> Bool {
        guard value.count <= 500, let mark = value.firstIndex(of: UInt8(ascii: ";")), mark > value.startIndex else {
            return false
        }
        let type = value[..<mark]
        let rest = value[value.index(after: mark)...]
        return type.allSatisfy { (0x21...0x7E).contains($0) }
            && (rest.contains { $0 >= 0x80 } ? rest.allSatisfy { $0 > 0x20 && $0 != 0x7F } : XText.isValid(rest))
            && String(validating: rest, as: UTF8.self) != nil
    }

    private func chunk(_ scanner: inout LineScanner) -> Command {
        guard let octets = scanner.word().decimal(maximumDigits: 18) else { return .unframed }
        scanner.skipBlanks()
        if scanner.isAtEnd { return .bdat(octets: octets, isLast: false) }
        guard scanner.word().equals("LAST") else { return .unframed }
        scanner.skipBlanks()
        return scanner.isAtEnd ? .bdat(octets: octets, isLast: true) : .unframed
    }

    private func auth(_ scanner: inout LineScanner) -> Command {
        let mechanism = scanner.word()
        scanner.skipBlanks()
        guard !mechanism.isEmpty, mechanism.count <= 20 else { return .invalid(.badArguments) }
        let name = String(decoding: mechanism, as: UTF8.self).uppercased()
        guard !scanner.isAtEnd else { return .auth(mechanism: name, initialResponse: nil) }
        let response = [UInt8](scanner.word())
        scanner.skipBlanks()
        guard scanner.isAtEnd else { return .invalid(.badArguments) }
        return .auth(mechanism: name, initialResponse: response)
    }

    private func isForeign(_ verb: Slice<UnsafeRawBufferPointer>) -> Bool {
        verb.equals("GET") || verb.equals("PUT") || verb.equals("OPTIONS") || verb.equals("CONNECT")
            || verb.equals("HOST:") || verb.equals("DELETE") || verb.equals("PATCH") || verb.equals("TRACE") || verb.equals("PRI")
    }
}

extension CommandParser {
    /// The parameters of MAIL that were given; none may be given twice.
    private struct ParameterSet: OptionSet {
        let rawValue: UInt8

        static let size = ParameterSet(rawValue: 1)
        static let body = ParameterSet(rawValue: 2)
        static let smtpUTF8 = ParameterSet(rawValue: 4)
        static let auth = ParameterSet(rawValue: 8)
        static let hold = ParameterSet(rawValue: 16)
        static let ret = ParameterSet(rawValue: 32)
        static let envelopeID = ParameterSet(rawValue: 64)
        static let requiresTLS = ParameterSet(rawValue: 128)
    }

    private static let ehlo = packed("EHLO"), helo = packed("HELO"), mail = packed("MAIL"), rcpt = packed("RCPT")
    private static let data = packed("DATA"), bdat = packed("BDAT"), rset = packed("RSET"), noop = packed("NOOP")
    private static let quit = packed("QUIT"), vrfy = packed("VRFY"), expn = packed("EXPN"), help = packed("HELP")
    private static let auth = packed("AUTH"), post = packed("POST"), head = packed("HEAD")

    /// Four letters as one number, lower case made upper.
    private static func packed(_ verb: some Sequence<UInt8>) -> UInt32 {
        verb.reduce(0) { $0 << 8 | UInt32($1 & 0xDF) }
    }

    private static func packed(_ verb: StaticString) -> UInt32 {
        verb.withUTF8Buffer { packed($0) }
    }
}

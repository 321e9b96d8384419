import MailTypes

/// The words that stand behind commands, in both languages, without the marks of Polish letters.
package enum CommandWords {
    static let priorities: [String: Priority] = [
        "low": .low, "niski": .low, "niska": .low, "niskie": .low,
        "normal": .normal, "normalny": .normal, "normalna": .normal, "normalne": .normal, "zwykly": .normal,
        "high": .high, "wysoki": .high, "wysoka": .high, "wysokie": .high,
        "urgent": .urgent, "pilny": .urgent, "pilna": .urgent, "pilne": .urgent,
    ]

    /// Without spaces and hyphens.
    static let sources: [String: DeskCommand.Source] = [
        "phone": .phone, "telephone": .phone, "call": .phone, "telefon": .phone, "telefonicznie": .phone,
        "mail": .mail, "email": .mail, "poczta": .mail, "mejl": .mail,
        "sms": .sms, "text": .sms, "chat": .chat, "czat": .chat,
        "web": .web, "website": .web, "form": .web, "www": .web, "strona": .web, "formularz": .web,
        "letter": .letter, "post": .letter, "list": .letter, "listownie": .letter,
        "inperson": .inPerson, "visit": .inPerson, "osobiscie": .inPerson, "wizyta": .inPerson,
    ]

    enum ForwardOption {
        case notes(Bool)
        case returns(Bool)
    }

    static let forwardOptions: [String: ForwardOption] = [
        "notes": .notes(true), "with notes": .notes(true), "z notatkami": .notes(true), "notatki": .notes(true),
        "nonotes": .notes(false), "no notes": .notes(false), "without notes": .notes(false),
        "bez notatek": .notes(false),
        "returns": .returns(true), "return": .returns(true), "answer returns": .returns(true), "wraca": .returns(true),
        "odpowiedz wraca": .returns(true), "ze zwrotem": .returns(true),
        "noreturn": .returns(false), "no return": .returns(false), "without return": .returns(false),
        "nie wraca": .returns(false), "odpowiedz nie wraca": .returns(false), "bez zwrotu": .returns(false),
    ]

    enum MergeOption { case anyway, notify, undo }

    static let mergeOptions: [String: MergeOption] = [
        "anyway": .anyway, "mimo to": .anyway, "i tak": .anyway,
        "notify": .notify, "powiadom": .notify, "z powiadomieniem": .notify,
        "undo": .undo, "cofnij": .undo,
    ]

    static let withEarlier = ["with earlier", "with earlier cases", "z wczesniejszymi", "z wczesniejszymi sprawami"]
    static let detach: Set<String> = ["detach", "none", "odlacz", "brak"]
    static let nothing: Set<String> = ["none", "off", "brak", "bez"]
    static let backAgain: Set<String> = ["off", "end", "back", "none", "nie", "koniec", "wracam", "jestem"]

    /// Pieces at spaces, commas and semicolons; quotes hold a piece together.
    static func items(_ text: String) -> [String] {
        var items: [String] = []
        var item = ""
        var isQuoted = false
        for character in text {
            if isQuoted {
                if TypedText.isQuote(character), !"'’".contains(character) { isQuoted = false } else { item.append(character) }
            } else if item.isEmpty, TypedText.isQuote(character) {
                isQuoted = true
            } else if character == " " || character == "," || character == ";" {
                items.append(TypedText.squeezed(item))
                item = ""
            } else {
                item.append(character)
            }
        }
        return (items + [TypedText.squeezed(item)]).filter { !$0.isEmpty }
    }

    /// An address as people type it and as clients make it a link: bare, in angle brackets, with `mailto:`, or twice, as
    /// in `ann@firm.example<mailto:ann@firm.example>`.
    static func address(_ text: some StringProtocol) -> EmailAddress? {
        var text = Substring(text)
        if text.utf8.last == UInt8(ascii: ">"), let open = text.lastIndex(of: "<") {
            let inner = text[text.index(after: open)...].dropLast()
            text = open == text.startIndex ? inner : text[..<open]
        }
        if text.lowercased().hasPrefix("mailto:") { text = text.dropFirst("mailto:".count) }
        while let last = text.last, ".,;:".contains(last) { text = text.dropLast() }
        guard let address = EmailAddress(text), !address.domain.isAddressLiteral else { return nil }
        return address
    }

    /// `1044`, `#1044`, `[#1044]`, `[REK#1044]`.
    package static func ticketNumber(_ text: String) -> TicketNumber? {
        var text = Substring(text)
        if text.first == "[", text.last == "]" { text = text.dropFirst().dropLast() }
        if let mark = text.lastIndex(of: "#") { text = text[text.index(after: mark)...] }
        guard (1...15).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int64(text),
            number > 0
        else { return nil }
        return TicketNumber(rawValue: number)
    }

    /// `name=value` or `name: value`, both trimmed and without quotes.
    static func assignment(_ text: String) -> (name: String, value: String)? {
        guard let sign = text.firstIndex(where: { $0 == "=" || $0 == ":" }) else { return nil }
        let name = TypedText.unquoted(TypedText.squeezed(text[..<sign]))
        let value = TypedText.unquoted(TypedText.squeezed(text[text.index(after: sign)...]))
        return name.isEmpty || value.isEmpty ? nil : (name, value)
    }
}

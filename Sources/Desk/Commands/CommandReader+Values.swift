import MailTypes

/// From a word and what follows it to the command.
extension CommandReader {
    func command(_ word: CommandWord, _ argument: String) throws(ArgumentFault) -> DeskCommand {
        switch word.entry.form {
        case .nothing:
            guard argument.isEmpty else { throw ArgumentFault(.unexpected(word, argument)) }
        case .textOrNothing: break
        default:
            guard !argument.isEmpty else { throw ArgumentFault(.missing(word)) }
        }
        switch word {
        case .take: return .take
        case .new: return .new
        case .waiting: return .waiting
        case .done: return .done
        case .close: return .close
        case .spam: return .spam
        case .recall: return .recall
        case .replace: return .replace
        case .approve: return .approve
        case .split: return .split
        case .follow: return .follow
        case .unfollow: return .unfollow
        case .each: return .each
        case .assign: return .assign(try name(argument, word))
        case .group: return .group(try name(argument, word))
        case .pool: return .pool(try name(argument, word))
        case .category: return .category(try name(argument, word))
        case .consult: return .consult(try name(argument, word))
        case .template: return .template(try name(argument, word))
        case .find: return .find(argument)
        case .note: return .note(argument.isEmpty ? nil : argument)
        case .reject: return .reject(argument.isEmpty ? nil : argument)
        case .tag: return .tag(try names(argument, word))
        case .untag: return .untag(try names(argument, word))
        case .priority: return .priority(try priority(argument))
        case .source: return .source(try source(argument))
        case .due:
            return .due(CommandWords.nothing.contains(TypedText.folded(argument)) ? nil : try moment(argument))
        case .send: return .send(try moment(argument))
        case .away: return .away(try absence(argument, word))
        case .cc: return .cc(try addresses(argument))
        case .from: return .from(try sender(argument))
        case .forward: return .forward(try forward(argument, word))
        case .merge: return .merge(try merge(argument, word))
        case .customer: return .customer(try customer(argument, word))
        case .answer: return try answer(argument)
        }
    }

    private func name(_ text: String, _ word: CommandWord) throws(ArgumentFault) -> String {
        let name = TypedText.unquoted(text)
        guard !name.isEmpty else { throw ArgumentFault(.missing(word)) }
        return name
    }

    private func names(_ text: String, _ word: CommandWord) throws(ArgumentFault) -> [String] {
        try limited(CommandWords.items(text).filter { !$0.isEmpty }, word)
    }

    private func limited<Item>(_ items: [Item], _ word: CommandWord) throws(ArgumentFault) -> [Item] {
        guard !items.isEmpty else { throw ArgumentFault(.missing(word)) }
        guard items.count <= limits.items else { throw ArgumentFault(.tooManyItems(limits.items)) }
        return items
    }

    private func priority(_ text: String) throws(ArgumentFault) -> Priority {
        let word = TypedText.folded(TypedText.unquoted(text))
        if let priority = CommandWords.priorities[word] { return priority }
        throw ArgumentFault(.noPriority(text, suggestion: Spelling.nearest(to: word, among: CommandWords.priorities.keys.sorted())))
    }

    private func source(_ text: String) throws(ArgumentFault) -> DeskCommand.Source {
        let word = TypedText.folded(TypedText.unquoted(text)).filter { !TypedText.isDash($0) && $0 != " " }
        if let source = CommandWords.sources[word] { return source }
        throw ArgumentFault(.noSource(text, suggestion: Spelling.nearest(to: word, among: CommandWords.sources.keys.sorted())))
    }

    private func moment(_ text: String) throws(ArgumentFault) -> LocalMoment {
        var reader = MomentReader(text, now: now)
        let moment = try reader.moment()
        guard reader.isAtEnd else { throw ArgumentFault(.noDate(text)) }
        return moment
    }

    /// Two days, or one, and perhaps who stands in.
    private func absence(_ text: String, _ word: CommandWord) throws(ArgumentFault) -> DeskCommand.Absence? {
        if CommandWords.backAgain.contains(TypedText.folded(text)) { return nil }
        var reader = MomentReader(text, now: now)
        let first = try reader.day()
        let last = reader.skipRangeSign() ? try reader.day() : first
        guard !(last < first) else { throw ArgumentFault(.endsBeforeBegin(text)) }
        let rest = TypedText.unquoted(reader.rest)
        return DeskCommand.Absence(first: first, last: last, substitute: rest.isEmpty ? nil : rest)
    }

    // MARK: Addresses

    private func addresses(_ text: String) throws(ArgumentFault) -> [EmailAddress] {
        var found: [EmailAddress] = []
        for item in CommandWords.items(text) where !item.isEmpty {
            guard let address = CommandWords.address(item) else { throw ArgumentFault(.noAddress(item)) }
            if !found.contains(address) { found.append(address) }
        }
        return try limited(found, .cc)
    }

    private func sender(_ text: String) throws(ArgumentFault) -> NamedAddress {
        guard let last = text.split(separator: " ").last, let address = CommandWords.address(last) else {
            throw ArgumentFault(.noAddress(text))
        }
        let name = TypedText.unquoted(TypedText.squeezed(text.dropLast(last.count)))
        return NamedAddress(displayName: name.isEmpty ? nil : name, address: address)
    }

    private func forward(_ text: String, _ word: CommandWord) throws(ArgumentFault) -> DeskCommand.Forward {
        var recipients: [EmailAddress] = []
        var options: [String] = []
        for item in CommandWords.items(text) where !item.isEmpty {
            if let address = CommandWords.address(item) {
                if !recipients.contains(address) { recipients.append(address) }
            } else if item.contains("@") {
                throw ArgumentFault(.noAddress(item))
            } else {
                options.append(item)
            }
        }
        var forward = DeskCommand.Forward(recipients: try limited(recipients, word))
        for option in try self.options(options, CommandWords.forwardOptions, word) {
            switch option {
            case .notes(let with): forward.withNotes = with
            case .returns(let comesBack): forward.answerReturns = comesBack
            }
        }
        return forward
    }

    // MARK: Cases, customers, questions

    private func merge(_ text: String, _ word: CommandWord) throws(ArgumentFault) -> DeskCommand.Merge {
        var others: [TicketNumber] = []
        var options: [String] = []
        for item in CommandWords.items(text) where !item.isEmpty {
            if let number = CommandWords.ticketNumber(item) {
                if !others.contains(number) { others.append(number) }
            } else if item.contains(where: \.isNumber) || others.isEmpty {
                throw ArgumentFault(.noNumber(item))
            } else {
                options.append(item)
            }
        }
        var merge = DeskCommand.Merge(others: try limited(others, word))
        for option in try self.options(options, CommandWords.mergeOptions, word) {
            switch option {
            case .anyway: merge.anyway = true
            case .notify: merge.notify = true
            case .undo: merge.undo = true
            }
        }
        return merge
    }

    /// Options of several words, the longest that fits first.
    private func options<Option>(
        _ words: [String], _ known: [String: Option], _ word: CommandWord
    ) throws(ArgumentFault) -> [Option] {
        var found: [Option] = []
        var rest = words[...]
        while let first = rest.first {
            let match = (1...3).reversed().lazy.compactMap { count in
                known[TypedText.folded(rest.prefix(count).joined(separator: " "))].map { (count, $0) }
            }.first
            guard let (count, option) = match else {
                let near = Spelling.nearest(to: TypedText.folded(first), among: known.keys.sorted())
                throw ArgumentFault(.noOption(word, first, suggestion: near))
            }
            found.append(option)
            rest = rest.dropFirst(count)
        }
        return found
    }

    private func customer(_ text: String, _ word: CommandWord) throws(ArgumentFault) -> DeskCommand.CustomerChange {
        if let (field, value) = CommandWords.assignment(text), !field.contains("@") {
            return .set(field: field, value: value)
        }
        if let sign = text.last, sign == "=" || sign == ":", !text.contains("@") {
            return .set(field: try name(TypedText.squeezed(text.dropLast()), word), value: nil)
        }
        var words = text.split(separator: " ").map(String.init)
        var withEarlier = false
        for phrase in CommandWords.withEarlier where TypedText.folded(text).hasSuffix(" \(phrase)") {
            withEarlier = true
            words.removeLast(min(words.count, phrase.split(separator: " ").count))
            break
        }
        let reference = try name(words.joined(separator: " "), word)
        if CommandWords.detach.contains(TypedText.folded(reference)) { return .detach(withEarlier: withEarlier) }
        guard reference.contains("@") else { return .attach(reference, withEarlier: withEarlier) }
        guard let address = CommandWords.address(reference) else { throw ArgumentFault(.noAddress(reference)) }
        return .attach(address.description, withEarlier: withEarlier)
    }

    private func answer(_ text: String) throws(ArgumentFault) -> DeskCommand {
        guard let (question, value) = CommandWords.assignment(text) else { throw ArgumentFault(.noAnswer) }
        return .answer(question: question, value: value)
    }
}

/// A command with the line in which it stood.
package struct TypedCommand: Equatable, Sendable {
    package var line: String
    package var command: DeskCommand

    package init(line: String, command: DeskCommand) { (self.line, self.command) = (line, command) }
}

/// Reads the command lines of a mail: those that begin with `#` and stand on top of the agent's own text. All of them must
/// be understood. A first line that only looks like a command (`#winter sale`, `#1 reason to buy`) is none either, and a
/// problem: it could be a misspelt one that must not leave. Who means the sign itself writes `##`.
///
///     CommandReader(now: now).read(["#take", "# Tag refund"])  // .commands: take; tag refund
///     CommandReader(now: now).read(["#clsoe"])                 // .problems: did you mean "#close"?
package struct CommandReader: Sendable {
    /// What the lines say together.
    package enum Reading: Equatable, Sendable {
        /// In the order of the mail; a line that says the same as another counts once.
        case commands([TypedCommand])
        /// Nothing is carried out, nothing is sent.
        case problems([CommandProblem])
    }

    /// What one mail may ask for.
    package struct Limits: Sendable {
        /// Lines with commands in one mail.
        package var commands = 20
        /// Characters of a line, mark and name included.
        package var lineCharacters = 1000
        /// Tags, addresses or cases in one line; S36 asks for 30 in Cc.
        package var items = 30

        package init() {}
    }

    /// On the clock of the desk: what `tomorrow` and `9:00` are reckoned from.
    let now: LocalTime
    let limits: Limits

    package init(now: LocalTime, limits: Limits = Limits()) { (self.now, self.limits) = (now, limits) }

    /// All command lines of a mail, in order.
    package func read(_ lines: [String]) -> Reading {
        var commands: [TypedCommand] = []
        var problems: [CommandProblem] = []
        var kinds: [CommandWord.Kind: CommandWord] = [:]
        for line in lines {
            guard commands.count + problems.count < limits.commands else {
                problems.append(CommandProblem(line: line, fault: .tooMany(limits.commands)))
                break
            }
            do throws(CommandProblem) {
                let (word, command) = try parse(line)
                guard !commands.contains(where: { $0.command == command }) else { continue }
                for kind in word.entry.kinds {
                    if let other = kinds[kind], other != word || !word.mayRepeat {
                        throw CommandProblem(line: line, fault: other == word ? .repeated(word) : .contradicts(other))
                    }
                    kinds[kind] = word
                }
                commands.append(TypedCommand(line: line, command: command))
            } catch {
                problems.append(error)
            }
        }
        return problems.isEmpty ? .commands(commands) : .problems(problems)
    }

    /// Whether a line within the text is a whole command, which is then hardly meant for the customer.
    package func isCommand(_ line: String) -> Bool { (try? parse(line)) != nil }

    private func parse(_ line: String) throws(CommandProblem) -> (CommandWord, DeskCommand) {
        guard line.count <= limits.lineCharacters else {
            throw CommandProblem(line: line, fault: .tooLong(limits.lineCharacters))
        }
        let text = TypedText.squeezed(line)
        guard text.first == "#" else { throw CommandProblem(line: line, fault: .unknown(suggestion: nil)) }
        let rest = TypedText.squeezed(text.dropFirst())
        // A phone ends a sentence by itself when two spaces are typed, and a colon reads well.
        var name = rest.prefix { $0 != " " && $0 != ":" }
        var argument = TypedText.squeezed(rest.dropFirst(name.count).drop { $0 == ":" })
        while let last = name.last, ".!,".contains(last) { name = name.dropLast() }
        guard let word = CommandWord(name) else {
            let near = Spelling.nearest(to: TypedText.folded(name), among: CommandWord.spellings.map { TypedText.folded($0) })
            throw CommandProblem(line: line, fault: .unknown(suggestion: near.flatMap { CommandWord($0) }))
        }
        if case .nothing = word.entry.form {
            argument = argument.allSatisfy { ".!,;".contains($0) } ? "" : argument
        }
        do throws(ArgumentFault) {
            return (word, try command(word, argument))
        } catch {
            throw CommandProblem(line: line, fault: error.fault)
        }
    }
}

/// What is wrong with an argument, before the line is known.
struct ArgumentFault: Error {
    let fault: CommandProblem.Fault
    init(_ fault: CommandProblem.Fault) { self.fault = fault }
}

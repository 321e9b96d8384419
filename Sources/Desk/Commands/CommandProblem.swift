/// Why a line that begins with `#` is not carried out; nothing of the mail is, then. `sentence` says it to the agent.
package struct CommandProblem: Error, Equatable, Sendable {
    /// What is wrong.
    package enum Fault: Equatable, Sendable {
        /// No command of this name; the one that is spelled nearly so.
        case unknown(suggestion: CommandWord?)
        case missing(CommandWord)
        case unexpected(CommandWord, String)
        case noDate(String)
        /// `1/2/2026` is a day in January to some, in February to others.
        case ambiguousDate(String)
        case endsBeforeBegin(String)
        case noAddress(String)
        case noNumber(String)
        case noPriority(String, suggestion: String?)
        case noSource(String, suggestion: String?)
        case noOption(CommandWord, String, suggestion: String?)
        case noAnswer
        /// The line, or what follows the command, has more characters.
        case tooLong(Int)
        /// More words or addresses than this in one line.
        case tooManyItems(Int)
        /// More commands than this in one mail.
        case tooMany(Int)
        case repeated(CommandWord)
        case contradicts(CommandWord)
        /// A command that stands within the text.
        case notOnTop
        /// A command that stands right below a quoted line.
        case touchesQuotation
        /// The plain and the HTML text of the mail begin with different commands.
        case differs
        /// The desk has nothing of this kind and name.
        case noSuch(Thing, String, suggestion: String?)
        /// The desk has several of this kind and name.
        case severalSuch(Thing, String)
    }

    /// What a command names.
    package enum Thing: CaseIterable, Sendable {
        case agent, group, pool, department, template, question, ticket, customer
    }

    /// The line as it was typed.
    package var line: String
    package var fault: Fault

    package init(line: String, fault: Fault) { (self.line, self.fault) = (line, fault) }
}

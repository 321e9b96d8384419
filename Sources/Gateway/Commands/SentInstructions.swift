import Desk
import MailTypes

/// The commands of one mail, sorted by when they are carried out (DESIGN §4): what changes the mail itself, what is done
/// with the case at once, and what is done when the mail has left, since until then the case stays where it is.
struct SentInstructions {
    private(set) var atOnce: [TypedCommand] = []
    private(set) var afterwards: [TypedCommand] = []
    /// The mail is a note, whoever it is written to; these words begin it.
    private(set) var isNote = false
    private(set) var sendAt: LocalMoment?
    private(set) var template: (name: String, line: String)?
    private(set) var copies: [EmailAddress] = []
    /// What cases are looked for, once the mail is accepted.
    private(set) var searches: [String] = []
    /// One case for each recipient.
    private(set) var isForEach = false
    /// The correspondence goes on to somebody.
    private(set) var forward: (forward: DeskCommand.Forward, line: String)?
    /// The mail is what this customer said.
    private(set) var author: (named: NamedAddress, line: String)?
    /// What a supervisor says about a mail that waits for approval.
    private(set) var judgement: TypedCommand?
    /// Departments that are asked what the mail's own text says.
    private(set) var consulted: [TypedCommand] = []
    /// The sender is away, or here again.
    private(set) var away: TypedCommand?
    /// The mail leaves instead of one of a trainee.
    private(set) var replaces = false

    /// Sorts the commands of a mail that leaves, or of one that stays. Throws a `SendingExplanation` for a command that
    /// does not go with it.
    init(_ commands: [TypedCommand], leaves: Bool, agent: Roster.Agent) throws {
        var refused: [String] = []
        for typed in commands {
            switch typed.command {
            case .take, .new, .waiting, .done, .close, .spam, .assign, .group, .pool:
                if leaves { afterwards.append(typed) } else { atOnce.append(typed) }
            case .category, .priority, .source, .due, .tag, .untag, .follow, .unfollow, .merge, .split, .recall, .answer,
                .customer:
                atOnce.append(typed)
            case .find(let words): searches.append(words)
            case .cc(let addresses):
                if leaves { copies += addresses } else { atOnce.append(typed) }
            case .note: isNote = true
            case .send(let moment) where leaves: sendAt = moment
            case .template(let name) where leaves: template = (name, typed.line)
            case .each where leaves: isForEach = true
            case .forward(let wanted): forward = (wanted, typed.line)
            case .from(let named) where !leaves: author = (named, typed.line)
            case .from: refused.append(Self.needsDesk(typed.line, agent.language))
            case .approve where !leaves, .reject where !leaves: judgement = typed
            case .replace where leaves: replaces = true
            case .away where !leaves: away = typed
            case .away: refused.append(Self.goesAlone(typed.line, agent.language))
            case .consult where !leaves: consulted.append(typed)
            case .consult: refused.append(Self.goesAlone(typed.line, agent.language))
            case .send, .template, .each, .replace: refused.append(Self.needsRecipient(typed.line, agent.language))
            case .approve, .reject: refused.append(Self.goesAlone(typed.line, agent.language))
            }
        }
        guard refused.isEmpty else { throw SendingExplanation(refused, language: agent.language) }
    }

    private static func needsRecipient(_ line: String, _ language: Language) -> String {
        switch language {
        case .english: "“\(line)” goes with a mail to somebody outside the desk."
        case .polish: "„\(line)” wymaga wiadomości do kogoś spoza zespołu."
        }
    }

    /// `#from` stands where no customer is written to.
    static func needsDesk(_ line: String, _ language: Language) -> String {
        switch language {
        case .english: "“\(line)” goes with a new mail to an address of the desk alone: it opens a case for that customer."
        case .polish:
            "„\(line)” wymaga nowej wiadomości wyłącznie na adres zespołu: otworzy ona sprawę w imieniu tego klienta."
        }
    }

    private static func goesAlone(_ line: String, _ language: Language) -> String {
        switch language {
        case .english: "“\(line)” goes with a note or a mail to desk@, not with a mail to somebody outside."
        case .polish: "„\(line)” pisze się w notatce lub w wiadomości na adres desk@, nie w wiadomości na zewnątrz."
        }
    }
}

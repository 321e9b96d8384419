import Desk
import MailFormat
import MailTypes

/// What `#template NAME` names (FEATURES S13): a mail of that subject in the agent's own Templates, the newest of several,
/// else one in the shared Templates, else the desk's template of that name.
enum LeavingTemplate {
    case desk(TemplateDefinition)
    case mail(SubmittedText, name: String)

    /// The newest templates of a mailbox that are looked through.
    private static let mostMails = 500

    /// Throws a `SendingExplanation` where there is none, or one that cannot be used.
    init(_ name: String, line: String, of agent: Roster.Agent, _ roster: Roster, _ transaction: any DeskTransaction) throws {
        let folded = foldedName(name)
        var names: [String] = []
        for mailbox in [MailboxKind.templates(agent.id), .sharedTemplates].compactMap(roster.mailbox) {
            for mail in try transaction.ownMails(of: agent.id, in: mailbox, limit: Self.mostMails) {
                let header = HeaderSection(mail.header)
                let subject = header.text("Subject") ?? ""
                guard foldedName(subject) != folded else {
                    self = .mail(try Self.read(mail.message, header, named: subject, agent.language, transaction), name: subject)
                    return
                }
                names.append(subject)
            }
        }
        if let found = roster.definition.templates.first(where: { foldedName($0.name) == folded }) {
            self = .desk(found)
            return
        }
        let near = Spelling.nearest(to: name, among: names + roster.definition.templates.map(\.name))
        throw SendingExplanation(
            [CommandProblem(line: line, fault: .noSuch(.template, name, suggestion: near))], language: agent.language)
    }

    private static func read(
        _ message: MessageKey, _ header: HeaderSection, named name: String, _ language: Language,
        _ transaction: any DeskTransaction
    ) throws -> SubmittedText {
        guard let body = try transaction.ownBody(of: message), let structure = MIMEStructure(encoded: body.structure),
            structure.root.isTextOnly,
            let text = try SentText.read(body, header, transaction), text.commands.isEmpty, !text.isSealed
        else { throw SendingExplanation([unusable(name, language)], language: language) }
        return text
    }

    /// The text with its fields filled in; throws a `SendingExplanation` for a field that nothing stands for.
    func passage(_ facts: TemplateFacts, _ language: Language, to agent: Roster.Agent) throws -> TextChanges.Passage {
        switch self {
        case .desk(let definition):
            do throws(TemplateText.Fault) {
                return TextChanges.Passage(text: try TemplateText(definition.text).filled(with: facts, in: language))
            } catch {
                throw SendingExplanation(fields: [error], language: agent.language)
            }
        case .mail(let text, let name):
            let faults = text.fieldLines.flatMap { LeavingText.faults(in: $0, facts, language) }
            guard faults.isEmpty else { throw SendingExplanation(fields: faults, language: agent.language) }
            guard let passage = text.passage({ LeavingText.replacements(in: $0, facts, language) }) else {
                throw SendingExplanation([Self.unusable(name, agent.language)], language: agent.language)
            }
            return passage
        }
    }

    private static func unusable(_ name: String, _ language: Language) -> String {
        switch language {
        case .english:
            "The template “\(name)” cannot be put into a mail by command: it holds files, commands or no text. Open it in your "
                + "mail program instead."
        case .polish:
            "Szablonu „\(name)” nie można wstawić poleceniem: zawiera załączniki albo polecenia, albo nie ma tekstu. Otwórz go "
                + "w programie pocztowym."
        }
    }
}

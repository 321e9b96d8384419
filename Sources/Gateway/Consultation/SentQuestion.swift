import Desk
import MailFormat
import MailTypes

/// A question that an agent asks in a mail: to the department's address, or with `#consult`. Only the agent's own words and
/// files go on: what the client quoted below them stays inside.
struct SentQuestion {
    let letter: SentLetter

    func carryOut(
        _ departments: [Roster.Department], of number: TicketNumber, releaseAt: Timestamp?, _ work: CaseWork
    ) throws -> Sending.Outcome {
        let (sending, transaction) = (letter.sending, work.transaction)
        let ticket = try work.decidable(number, by: sending.agent.id)
        let consultations = Consultations(held: sending.held)
        let body = StoredBody(
            content: letter.original.id, bodyOffset: letter.original.bodyOffset, size: letter.original.size,
            structure: letter.original.structure)
        var room = AskedCorrespondence.octetsOfFiles
        let files = AskedCorrespondence.files(in: body).filter { file in
            room -= file.part.bodyLength
            return room >= 0
        }
        let question = (letter.text.text?.ownText ?? "").trimmed
        for department in departments {
            var request = Consultations.Request(
                department: department, question: String(question.prefix(100_000)), files: files)
            request.original = letter.original
            request.clientMessageID = sending.content.header.messageID
            request.releaseAt = releaseAt
            try consultations.ask(request, of: ticket, by: sending.agent, work)
        }
        try transaction.releaseContent(letter.original.id)
        try sending.remember(number, nil, transaction)
        return .held(number, doubts: [])
    }
}

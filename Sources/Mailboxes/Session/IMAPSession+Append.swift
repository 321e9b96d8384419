import Desk
import Gateway
import IMAPProtocol
import MailTypes
import NIOCore

/// APPEND (RFC 3501 §6.3.11), as the decoder tells of it.
extension IMAPSession {
    func appendBegan(_ command: AppendCommand, tag: String) async throws {
        if case .authenticating = phase { phase = .ready }
        do {
            phase = .appending(try await appendProgress(command, tag: tag))
            decoder.acceptAppend()
        } catch let refusal as CommandRefusal {
            decoder.refuseAppend()
            if refusal.response.kind == .bad { return refuse(tag: tag, refusal.response) }
            try await end(tag, refusal.response)
        } catch let failure as StoreFailure {
            decoder.refuseAppend()
            try await end(tag, CommandRefusal(failure).response)
        }
    }

    private func appendProgress(_ command: AppendCommand, tag: String) async throws -> AppendProgress {
        guard agent != nil else { throw CommandRefusal.notAuthenticated }
        let roster = currentRoster
        let person = try currentAgent(roster)
        guard case .mailbox(let kind, let id) = try await resolve(command.mailbox, roster, person, orTryCreate: true)
        else {
            throw CommandRefusal.no("No mail is kept here; choose one of the mailboxes in it", .cannot)
        }
        let filed = try filedContent(kind, person)
        try checkSize(command.message)
        let view = MailboxView(mailbox: id, kind: kind, roster: roster, agent: person)
        let summary = try await services.store.read { try ViewSummary(view, person, in: $0) }
        guard let summary else { throw CommandRefusal.gone }
        return AppendProgress(
            tag: tag, view: view, uidValidity: summary.uidValidity, message: command.message, filed: filed)
    }

    /// Mail appended to the places where cases come in goes through the intake; `nil` for the agent's own mailboxes.
    private func filedContent(_ kind: MailboxKind, _ person: Roster.Agent) throws -> FiledContent? {
        let destination: FiledContent.Destination
        switch kind {
        case .inbox(person.id): destination = .init(pool: nil, isTaken: true)
        case .new: destination = .init(pool: nil, isTaken: false)
        case .pool(let pool): destination = .init(pool: pool, isTaken: false)
        default:
            if kind.class.isPersonal, kind.owner == person.id { return nil }
            throw CommandRefusal.no("Mail cannot be put here; move cases, or put mail into New", .cannot)
        }
        guard let intake = services.intake else {
            throw CommandRefusal.no("Mail cannot be put here; move cases, or send mail to the desk", .cannot)
        }
        return FiledContent(destination, intake: intake)
    }

    private func checkSize(_ message: AppendMessage) throws {
        guard message.octetCount <= configuration.messageSize else {
            throw CommandRefusal.no("That message is too large", .tooBig)
        }
        guard message.octetCount > 0 else { throw CommandRefusal.no("The message is empty") }
    }

    func appendContinued(_ message: AppendMessage) async throws {
        guard case .appending(var progress) = phase else { return }
        phase = .ready
        let destination = progress.filed?.destination
        await finishMessage(&progress)
        if progress.refusal == nil {
            do {
                try checkSize(message)
            } catch let refusal as CommandRefusal {
                progress.refusal = refusal.response
            }
        }
        progress.message = message
        progress.content = StagedContent()
        if let intake = services.intake, let destination {
            progress.filed = FiledContent(destination, intake: intake)
        }
        // A refused command is read to its end, so that the connection stays in step.
        decoder.acceptAppend()
        phase = .appending(progress)
    }

    func appendReceived(_ octets: ByteBuffer) async throws {
        guard case .appending(var progress) = phase else { return }
        guard progress.refusal == nil else { return }
        if let filed = progress.filed { return await filed.append(octets) }
        // Moved out, so that nothing is copied while it grows.
        phase = .ready
        do {
            try await progress.content.append(octets, to: services.store, at: services.clock.now)
        } catch {
            progress.refusal = CommandRefusal(error).response
        }
        phase = .appending(progress)
    }

    func appendEnded() async throws {
        guard case .appending(var progress) = phase else { return }
        phase = .ready
        await finishMessage(&progress)
        if let refusal = progress.refusal {
            abandon(progress)
            return try await end(progress.tag, refusal)
        }
        let octets = progress.finished.reduce(0) { $0 + $1.octetsInMemory }
        let work = AppendWork(
            view: progress.view, messages: progress.finished, roster: currentRoster, now: services.clock.now)
        do {
            let uids = try await services.store.write(octets: octets) { try work.carryOut($0) }
            let code = uids.isEmpty ? nil : ResponseCode.appendUID(uidValidity: progress.uidValidity, uids)
            try await end(progress.tag, .ok(code == nil ? "That mail is there already" : "APPEND completed", code))
        } catch let failure as StoreFailure {
            abandon(progress)
            try await end(progress.tag, CommandRefusal(failure).response)
        }
    }

    func appendAborted(_ response: StatusResponse) {
        guard case .appending(let progress) = phase else { return refuse(tag: nil, response) }
        phase = .ready
        abandon(progress)
        refuse(tag: progress.tag, response)
    }

    /// Drops what was staged for a message that is not to be.
    func abandon(_ progress: AppendProgress) {
        var contents = [progress.content.stagedContent].compactMap { $0 }
        progress.filed?.abandon()
        for message in progress.finished {
            switch message {
            case .own(let own): if case .staged(let content) = own.octets { contents.append(content) }
            case .filed(let filing, _, _): filing.drop()
            }
        }
        guard !contents.isEmpty else { return }
        let staged = contents
        services.store.write(octets: 0) { transaction in
            for content in staged { try transaction.dropStaged(content) }
        } completion: { _ in
        }
    }

    private func finishMessage(_ progress: inout AppendProgress) async {
        guard progress.refusal == nil else { return }
        if let filed = progress.filed {
            progress.filed = nil
            guard let person = try? currentAgent(currentRoster), let filing = filed.finish(person) else {
                progress.refusal = .no("No pool of yours takes this mail", .cannot)
                return
            }
            let flags = progress.message.flags.flags
            progress.finished.append(.filed(filing, flags, isTaken: filed.destination.isTaken))
            return
        }
        do {
            let size = progress.content.size
            let (octets, header, structure) = try await progress.content.finish(
                to: services.store, at: services.clock.now)
            progress.finished.append(
                .own(
                    OwnAppend(
                        octets: octets, size: size, header: header, structure: structure, flags: progress.message.flags,
                        internalDate: progress.message.date?.timestamp)))
            progress.content = StagedContent()
        } catch {
            progress.refusal = CommandRefusal(error).response
        }
    }
}

extension FinishedAppend {
    /// Octets held in memory: what the writer's queue counts.
    fileprivate var octetsInMemory: Int {
        switch self {
        case .own(let own): if case .memory(let octets) = own.octets { octets.count } else { 0 }
        case .filed(let filing, _, _): filing.octetsInMemory
        }
    }
}

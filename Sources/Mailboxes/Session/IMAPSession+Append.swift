import Desk
import Gateway
import IMAPProtocol
import MailFormat
import MailTypes
import NIOCore

/// APPEND (RFC 3501 §6.3.11), with several messages (RFC 3502), and REPLACE (RFC 8508), as the decoder tells of them.
extension IMAPSession {
    func appendBegan(_ command: AppendCommand, tag: String) async throws {
        endUnfinished()
        mayNewsWait = false
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
        var replaced: ReplacedMessage?
        if let message = command.replaced { replaced = try await replacedMessage(message) }
        let roster = currentRoster
        let person = try currentAgent(roster)
        guard case .mailbox(let kind, let id) = try await resolve(command.mailbox, roster, person, orTryCreate: true)
        else {
            throw CommandRefusal.no("No mail is kept here; choose one of the mailboxes in it", .cannot)
        }
        let filed = try filedContent(kind, person)
        if filed != nil, replaced != nil {
            throw CommandRefusal.no("Mail is replaced in mailboxes of your own", .cannot)
        }
        try check(command.message)
        let view = MailboxView(mailbox: id, kind: kind, roster: roster, agent: person)
        let octets = Int64(command.message.octetCount)
        // Said before the octets are sent, where no earlier message gives way to this one.
        let addsOwn = filed == nil && replaced == nil && kind.class != .drafts && kind.class != .sent
        let summary = try await services.store.read { transaction in
            if addsOwn {
                let before = try transaction.ownMail(of: person.id)
                let after = OwnMailUsage(octets: before.octets + octets, messages: before.messages + 1)
                try OwnMailQuota(person, roster).check(after, since: before)
            }
            return try ViewSummary(view, person, in: transaction)
        }
        guard let summary else { throw CommandRefusal.gone }
        return AppendProgress(
            tag: tag, view: view, uidValidity: summary.uidValidity, message: command.message, replaced: replaced,
            filed: filed)
    }

    /// What REPLACE names: one message of the selected mailbox, which must be the agent's own.
    private func replacedMessage(_ message: MessageSet) async throws -> ReplacedMessage {
        guard has(.replace) else { throw CommandRefusal.bad("Unknown command") }
        try await loadMap(for: message)
        let selected = try writableSelection()
        let uids = uids(of: message, selected)
        guard let uid = uids.min, let view = selected.view else {
            guard message.numbers == .uids else { throw CommandRefusal.bad("There is no message of that number") }
            throw CommandRefusal.no("There is no message with that UID", .nonExistent)
        }
        guard view.kind.class.isPersonal && view.kind.owner == view.agent || view.kind.class == .sharedTemplates else {
            throw CommandRefusal.no("Mail of a case is not replaced", .cannot)
        }
        return ReplacedMessage(view: view, uid: uid)
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
            if kind.class == .sharedTemplates {
                guard person.keepsSharedTemplates else { throw CommandRefusal.sharedTemplates }
                return nil
            }
            throw CommandRefusal.no("Mail cannot be put here; move cases, or put mail into New", .cannot)
        }
        guard let intake = services.intake else {
            throw CommandRefusal.no("Mail cannot be put here; move cases, or send mail to the desk", .cannot)
        }
        return FiledContent(destination, intake: intake)
    }

    private func check(_ message: AppendMessage) throws {
        try FlagChange.check(message.flags)
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
        if progress.refusal == nil { progress.refusal = refusal(of: message, after: progress) }
        if let refusal = progress.refusal {
            // All or none (RFC 3502 §3): what is still sent unasked is skipped.
            abandon(progress)
            decoder.refuseAppend()
            return try await end(progress.tag, refusal)
        }
        progress.message = message
        progress.content = StagedContent()
        if let intake = services.intake, let destination {
            progress.filed = FiledContent(destination, intake: intake)
        }
        decoder.acceptAppend()
        phase = .appending(progress)
    }

    /// Why another message of the same command cannot be taken.
    private func refusal(of message: AppendMessage, after progress: AppendProgress) -> StatusResponse? {
        guard has(.multiAppend) else { return .bad("APPEND takes one message") }
        guard progress.finished.count < configuration.messagesPerAppend,
            progress.heldOctets < AppendProgress.longestHeld
        else { return .no("Append at most \(configuration.messagesPerAppend) messages at once", .limit) }
        do {
            try check(message)
            return nil
        } catch {
            return (error as? CommandRefusal)?.response ?? .no("That message cannot be taken")
        }
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
        let octets = progress.contentOctets
        let work = AppendWork(
            view: progress.view, messages: progress.finished, replaced: progress.replaced, roster: currentRoster,
            now: services.clock.now)
        do {
            let uids = try await services.store.write(octets: octets) { try work.carryOut($0) }
            noteOwnArrivals(uids, in: progress.view.mailbox)
            // As many UIDs as messages, or none (RFC 4315 §3).
            let isComplete = !uids.isEmpty && uids.count == progress.finished.count
            let code = isComplete ? ResponseCode.appendUID(uidValidity: progress.uidValidity, uids) : nil
            if progress.replaced != nil { return try await endReplace(progress.tag, code) }
            try await end(progress.tag, .ok(uids.isEmpty ? "That mail is there already" : "APPEND completed", code))
        } catch let failure as StoreFailure {
            abandon(progress)
            try await end(progress.tag, CommandRefusal(failure).response)
        }
    }

    /// The new UID untagged, the new message before the old one goes (RFC 8508 §3.3).
    private func endReplace(_ tag: String, _ code: ResponseCode?) async throws {
        writer.status(.ok("Replacement is there", code))
        notices.markDirty()
        do {
            try await announce(expunges: false)
        } catch is StoreFailure {
            notices.markDirty()
        }
        tellsOwnRemovals = true
        try await end(tag, .ok("REPLACE completed"))
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
            let staysInMemory = progress.contentOctets < AppendProgress.contentInMemory
            let (octets, header, structure) = try await progress.content.finish(
                to: services.store, at: services.clock.now, staysInMemory: staysInMemory)
            progress.finished.append(
                .own(
                    OwnAppend(
                        octets: octets, size: size, header: header, structure: structure.encoded(),
                        flags: progress.message.flags, internalDate: progress.message.date?.timestamp)))
            progress.content = StagedContent()
        } catch {
            progress.refusal = CommandRefusal(error).response
        }
    }
}

import Desk
import Gateway
import IMAPProtocol
import MailTypes

/// NOTIFY (RFC 5465): telling of changes when nobody asked. A commit only marks what changed; the session looks when it
/// is woken, at all that was marked together, and not again for a while.
extension IMAPSession {
    func notify(_ command: NotifyCommand, tag: String) async throws {
        guard case .set(let tellsStatus, let groups) = command else {
            replaceNotifications(Notifications(NotifyPlan()))
            return try await end(tag, .ok("NOTIFY completed"))
        }
        let plan = NotifyPlan(groups)
        guard plan.selected.fetchItems.allSatisfy(isFetchable) else {
            throw CommandRefusal.no("That cannot be told of a new message", .cannot)
        }
        guard !plan.watchesMetadata || has(.metadata) else {
            throw CommandRefusal.no("Unknown event", .badEvent(.all.subtracting(.ofMetadata)))
        }
        var notifications = Notifications(plan)
        notifications.fetchedUpTo = selected?.map.top ?? 0
        if plan.watchesOthers {
            do {
                try await beginWatching(&notifications)
            } catch {
                // What was asked for before goes on.
                for subscription in notifications.subscriptions { services.feed.cancel(subscription) }
                notices.setNotified(notify?.plan.isActive ?? false)
                throw error
            }
            if tellsStatus { try await writeStatus(of: notifications) }
        }
        replaceNotifications(notifications)
        // As by NOOP (§3.1).
        try await end(tag, .ok("NOTIFY completed"))
    }

    /// Learns where the client starts from. Listens before looking, so that nothing falls between.
    private func beginWatching(_ notifications: inout Notifications) async throws {
        let roster = currentRoster
        let person = try currentAgent(roster)
        notices.setNotified(true)
        notifications.listing = MailboxListing(try await everyMailbox(roster, person))
        guard watch(&notifications, roster, person) else {
            throw CommandRefusal.no("Too many mailboxes to watch", .notificationOverflow)
        }
        try await look(at: Array(notifications.watched.keys), &notifications, person)
        if notifications.plan.watchesMetadata {
            notifications.annotations = try await annotationPicture(notifications.listing, roster, person)
        }
    }

    /// What FETCH can do for this account, NOTIFY can.
    private func isFetchable(_ item: FetchItem) -> Bool {
        let needed: Capability? =
            switch item {
            case .binary, .binarySize: .binary
            case .modSequence: .condstore
            default: nil
            }
        return needed.map(has) ?? true
    }

    func replaceNotifications(_ new: Notifications?) {
        for subscription in notify?.subscriptions ?? [] { services.feed.cancel(subscription) }
        notify = new
        notices.setNotified(new?.plan.isActive ?? false)
    }

    /// Ends it all: there is more to tell than can be (§5.8).
    private func overflow() {
        replaceNotifications(Notifications(NotifyPlan()))
        writer.status(.ok("Too much changes; ask again", .notificationOverflow))
    }

    // MARK: - What is watched

    /// Makes the table of watched mailboxes anew, keeping what was told of them; `false`: there are too many.
    private func watch(_ notifications: inout Notifications, _ roster: Roster, _ person: Roster.Agent) -> Bool {
        var watched: [MailboxID: Notifications.Watched] = [:]
        for listed in notifications.listing.mailboxes {
            guard let kind = listed.kind, let id = listed.id else { continue }
            let events = notifications.plan.events(of: listed, in: notifications.listing)
            guard !events.isDisjoint(with: .ofMessages) else { continue }
            guard watched.count < Notifications.limit else { return false }
            watched[id] = Notifications.Watched(
                view: MailboxView(mailbox: id, kind: kind, roster: roster, agent: person), name: listed.name,
                events: events, told: notifications.watched[id]?.told)
        }
        notifications.watched = watched
        let (feed, notices) = (services.feed, notices)
        let new = watched.keys.map { id in feed.subscribe(mailbox: id) { _ in notices.noteOther(id) } }
        for subscription in notifications.subscriptions { feed.cancel(subscription) }
        notifications.subscriptions = new
        return true
    }

    /// Reads what STATUS tells of these and keeps it as told; answers which were news.
    @discardableResult
    private func look(
        at mailboxes: [MailboxID], _ notifications: inout Notifications, _ person: Roster.Agent
    ) async throws(StoreFailure) -> [MailboxID] {
        let unseen = services.unseen
        var news: [MailboxID] = []
        for id in mailboxes.sorted() {
            guard let watched = notifications.watched[id] else { continue }
            let (view, countsUnseen) = (watched.view, watched.events.contains(.flagChange))
            // A transaction for each: the first count of a large mailbox takes its time.
            let counts = try await services.store.read { transaction in
                try Notifications.Counts(view, person, unseen: countsUnseen ? unseen : nil, transaction)
            }
            guard let counts else { continue }
            if let told = watched.told,
                counts.isNews(to: told, of: watched.events, usesModSequences: usesModSequences)
            {
                news.append(id)
            }
            notifications.watched[id]?.told = counts
        }
        return news
    }

    // MARK: - Telling

    /// With `NOTIFY SET STATUS`: where the client starts from (§3.1).
    private func writeStatus(of notifications: Notifications) async throws {
        for listed in notifications.listing.mailboxes {
            guard let id = listed.id, id != selected?.view?.mailbox, let watched = notifications.watched[id] else {
                continue
            }
            writeStatus(watched, withModSequence: watched.events.contains(.flagChange))
            try await flushIfLarge()
        }
    }

    private func writeStatus(_ watched: Notifications.Watched, withModSequence: Bool) {
        guard let counts = watched.told else { return }
        var items: StatusItems = [.messages, .uidNext, .uidValidity]
        if withModSequence, counts.modSequence != nil { items.insert(.highestModSequence) }
        if watched.events.contains(.flagChange), counts.unseen != nil { items.insert(.unseen) }
        writer.mailboxStatus(watched.name, items, counts.status())
    }

    /// Tells what changed outside of the selected mailbox; says whether it looked.
    func announceOthers() async throws -> Bool {
        guard var notifications = notify, notifications.plan.watchesOthers else { return false }
        let news = notices.takeOthers()
        guard news.isAny else { return false }
        let roster = currentRoster
        guard let agent, let person = roster.agents[agent] else { return false }
        do {
            if news.isListDirty {
                let listing = MailboxListing(try await everyMailbox(roster, person))
                writeListChanges(from: notifications, to: listing)
                notifications.listing = listing
                notifications.ownChanges = []
                guard watch(&notifications, roster, person) else {
                    overflow()
                    return true
                }
                notify = notifications
            }
            if notifications.plan.watchesMetadata, news.areAnnotationsDirty || news.isListDirty {
                let annotations = try await annotationPicture(notifications.listing, roster, person)
                try await writeAnnotationChanges(from: notifications, to: annotations)
                notifications.annotations = annotations
                notify = notifications
            }
            var mailboxes = news.mailboxes.filter { notifications.watched[$0] != nil }
            // Flags of one's own are noted by agent, not by mailbox; a new mailbox has to be looked at once.
            for (id, watched) in notifications.watched
            where watched.told == nil || (news.isAgentDirty && watched.events.contains(.flagChange)) {
                mailboxes.insert(id)
            }
            if let view = selected?.view { mailboxes.remove(view.mailbox) }
            for id in try await look(at: Array(mailboxes), &notifications, person) {
                guard let watched = notifications.watched[id] else { continue }
                writeStatus(watched, withModSequence: usesModSequences)
            }
            // What the client did meanwhile stands in the session's own.
            notify = notifications
        } catch {
            notices.putBack(news)
            throw error
        }
        return true
    }

    private func writeListChanges(from notifications: Notifications, to listing: MailboxListing) {
        for change in listing.changes(since: notifications.listing, causedByClient: notifications.ownChanges) {
            let before = change.isDeletion ? notifications.listing : listing
            let events = notifications.plan.events(of: change.mailbox, in: before)
            guard events.contains(change.event) else { continue }
            var attributes = change.mailbox.attributes
            if change.mailbox.isSubscribed { attributes.insert(.subscribed) }
            switch change {
            case .created(let mailbox), .subscription(let mailbox), .children(let mailbox):
                writer.list(.list, mailbox.name, attributes)
            case .renamed(let mailbox, let oldName):
                writer.list(.list, mailbox.name, attributes, oldName: oldName.text)
            case .deleted(let mailbox): writer.list(.list, mailbox.name, .nonExistent)
            }
        }
    }

    /// The messages that EXISTS just told of, with what was asked for (§5.2).
    func fetchArrivals(_ view: MailboxView) async throws {
        guard let notify, let selected, !notify.plan.selected.fetchItems.isEmpty else { return }
        let last = selected.map.top
        guard notify.fetchedUpTo < last else { return }
        var uids = NumberSet()
        selected.map.confined(NumberSet(notify.fetchedUpTo + 1...last)).forEach {
            if !notify.ownArrivals.contains($0) { uids.insert($0) }
        }
        self.notify?.fetchedUpTo = last
        self.notify?.ownArrivals = NumberSet()
        let plan = FetchPlan(notify.plan.selected.fetchItems, isUID: false, needsModSequence: false)
        _ = try await fetch(uids, view, plan, selected)
    }

    // MARK: - What the client did itself

    /// Messages that this client put into a mailbox: it needs not be told (§5).
    func noteOwnArrivals(_ uids: [UID], in mailbox: MailboxID) {
        guard notify != nil, let last = uids.last else { return }
        if mailbox == selected?.view?.mailbox {
            for uid in uids { notify?.ownArrivals.insert(uid) }
        }
        guard var told = notify?.watched[mailbox]?.told else { return }
        // Only if nobody else put something in between.
        guard UInt64(told.uidNext) + UInt64(uids.count) == UInt64(last.number) + 1 else { return }
        told.messages += uids.count
        told.uidNext = last.number < .max ? last.number + 1 : .max
        (told.modSequence, told.unseen) = (nil, nil)
        notify?.watched[mailbox]?.told = told
    }

    /// Mailboxes that this client made, removed, renamed or (un)subscribed.
    func noteOwnChanges(_ mailboxes: [MailboxID]) {
        guard notify?.plan.watchesOthers == true else { return }
        for mailbox in mailboxes { notify?.ownChanges.insert(.mailbox(mailbox)) }
    }
}

extension MailboxListing.Change {
    fileprivate var isDeletion: Bool {
        if case .deleted = self { return true }
        return false
    }

    fileprivate var event: MailboxEvents {
        switch self {
        case .subscription: .subscriptionChange
        case .created, .deleted, .renamed, .children: .mailboxName
        }
    }
}

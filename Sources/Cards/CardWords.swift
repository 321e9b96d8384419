import Desk

/// The words of a card in one language.
struct CardWords: Sendable {
    let language: Language

    /// Picks the word of the language.
    func callAsFunction(_ english: String, _ polish: String) -> String { language == .english ? english : polish }

    func status(_ status: TicketStatus) -> String {
        status.name(in: language)
    }

    func priority(_ priority: Priority) -> String {
        switch priority {
        case .low: self("low", "niski")
        case .normal: self("normal", "zwykły")
        case .high: self("high", "wysoki")
        case .urgent: self("urgent", "pilny")
        }
    }

    func source(_ source: TicketSource) -> String {
        switch source {
        case .mail: self("mail", "e-mail")
        case .phone: self("phone", "telefon")
        case .sms: "SMS"
        case .chat: self("chat", "czat")
        case .web: self("web", "strona WWW")
        case .letter: self("letter", "list")
        case .inPerson: self("in person", "osobiście")
        }
    }

    func button(_ button: CardButton) -> String {
        switch button {
        case .take: self("Take", "Weź")
        case .waiting: self("Waiting", "Oczekuje")
        case .done: self("Done", "Wykonane")
        case .close: self("Close", "Zamknij")
        case .giveBack: self("Give back", "Oddaj")
        case .spam: self("Spam", "Spam")
        case .note: self("Note", "Notatka")
        case .assign: self("Assign…", "Przydziel…")
        case .tag: self("Tag…", "Oznacz…")
        case .follow: self("Follow", "Obserwuj")
        case .merge(let other): self("Merge into #\(other)", "Połącz z #\(other)")
        case .answer: self("Answer…", "Odpowiedz…")
        case .recall: self("Recall", "Cofnij")
        case .approve: self("Approve", "Zatwierdź")
        case .reject: self("Reject…", "Odrzuć…")
        }
    }

    func doubt(_ doubt: CardHeldMail.Doubt) -> String {
        switch doubt {
        case .collision:
            self(
                "the case changed since the mail that it answers",
                "sprawa zmieniła się od wiadomości, na którą odpowiada")
        case .mixedRecipients:
            self("it goes to people outside and inside the house", "ma odbiorców spoza firmy i z firmy")
        case .internalText: self("it quotes an internal message", "cytuje wiadomość wewnętrzną")
        case .stranger: self("a recipient takes no part in the case", "jeden z odbiorców nie uczestniczy w sprawie")
        case .otherCustomer: self("a recipient is another customer", "jeden z odbiorców jest innym klientem")
        case .impossible: self("the case cannot become what it asks for", "sprawa nie może przyjąć tego statusu")
        case .customerWrote:
            self("the customer wrote before it left", "klient napisał, zanim została wysłana")
        }
    }

    func event(_ event: CardEvent) -> String {
        func line(_ text: String) -> String { CardText.line(text, limit: 100) }
        switch event {
        case .took: return self("took the case", "bierze sprawę")
        case .assigned(let name): return self("handed the case to ", "przekazuje sprawę: ") + line(name)
        case .gaveBack: return self("gave the case back", "oddaje sprawę")
        case .group(let name): return self("handed the case to the group ", "przekazuje sprawę grupie: ") + line(name)
        case .status(let status): return self("set the status: ", "zmienia status: ") + self.status(status)
        case .pool(let name): return self("moved the case to the pool ", "przenosi sprawę do puli: ") + line(name)
        case .filed(let name): return self("filed the case in ", "odkłada sprawę do folderu: ") + line(name)
        case .priority(let priority): return self("set the priority: ", "zmienia priorytet: ") + self.priority(priority)
        case .category(let name): return self("set the category: ", "zmienia kategorię: ") + line(name)
        case .tagged(let tag): return self("added the tag ", "dodaje etykietę ") + line(TagKeyword.tag(of: tag))
        case .untagged(let tag): return self("removed the tag ", "usuwa etykietę ") + line(TagKeyword.tag(of: tag))
        case .overdue: return self("a deadline passed", "minął termin")
        }
    }

    func verdict(_ verdict: AuthenticationVerdict) -> String {
        switch verdict {
        case .pass: self("pass", "tak")
        case .fail: self("fail", "nie")
        case .none: self("none", "brak")
        }
    }

    /// How many cases: Polish has a form for 1, for 2 to 4, and for the rest (12 to 14 among it).
    func cases(_ count: Int) -> String {
        guard language == .polish else { return count == 1 ? "1 case" : "\(count) cases" }
        if count == 1 { return "1 sprawa" }
        let isFew = (2...4).contains(count % 10) && !(12...14).contains(count % 100)
        return isFew ? "\(count) sprawy" : "\(count) spraw"
    }

    /// `Thu 26 Nov 2026, 14:05`.
    func moment(_ time: LocalTime) -> String {
        let weekdays = self("Mon Tue Wed Thu Fri Sat Sun", "pon. wt. śr. czw. pt. sob. niedz.").split(separator: " ")
        let months = self(
            "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec", "sty lut mar kwi maj cze lip sie wrz paź lis gru"
        ).split(separator: " ")
        let weekday = Weekday.allCases.firstIndex(of: time.weekday).map { "\(weekdays[$0]) " } ?? ""
        let month = months.indices.contains(time.date.month - 1) ? String(months[time.date.month - 1]) : "?"
        return "\(weekday)\(time.date.day) \(month) \(time.date.year), \(clock(time))"
    }

    /// `14:05`.
    func clock(_ time: LocalTime) -> String {
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(two(time.minute / 60)):\(two(time.minute % 60))"
    }

    /// `3 h 20 min`, of working time.
    func span(_ duration: Duration) -> String {
        let minutes = max(0, duration.components.seconds / 60)
        return minutes < 60 ? "\(minutes) min" : "\(minutes / 60) h \(minutes % 60) min"
    }
}

import Desk
import IMAPProtocol
import MailFormat
import MailTypes

/// A search program made ready: sets of messages are UIDs, texts are folded (RFC 3501 §6.4.4).
indirect enum SearchProgram: Sendable {
    case constant(Bool)
    case flag(Flags, isSet: Bool)
    case recent(Bool)
    case keyword(String, isSet: Bool)
    /// Found in any of the fields of this name; without needle the field is there.
    case field(String, TextNeedle?)
    case body(TextNeedle)
    case text(TextNeedle)
    case internalDate(SearchComparison, Int)
    case sentDate(SearchComparison, Int)
    case saveDate(SearchComparison, Int)
    case larger(Int)
    case smaller(Int)
    case arrived(atOrBefore: Timestamp)
    case arrivedSince(Timestamp)
    case uids(NumberSet)
    case modSequence(ModSequence)
    case emailID(Int64?)
    case threadID(Int64?)
    case not(SearchProgram)
    case or(SearchProgram, SearchProgram)
    case and([SearchProgram])

    /// `uids` says which UIDs a set of messages means.
    init(_ key: SearchKey, now: Timestamp, uids: (MessageSet) -> NumberSet) {
        switch key {
        case .all: self = .constant(true)
        case .recent: self = .recent(true)
        case .new: self = .and([.recent(true), .flag(.seen, isSet: false)])
        case .old: self = .recent(false)
        case .flag(let flag, let isSet): self = .flag(flag, isSet: isSet)
        case .keyword(let word, let isSet): self = .keyword(word.lowercased(), isSet: isSet)
        case .from(let text): self = .field("From", TextNeedle(text))
        case .to(let text): self = .field("To", TextNeedle(text))
        case .cc(let text): self = .field("Cc", TextNeedle(text))
        case .bcc(let text): self = .field("Bcc", TextNeedle(text))
        case .subject(let text): self = .field("Subject", TextNeedle(text))
        case .body(let text): self = .body(TextNeedle(text))
        case .text(let text): self = .text(TextNeedle(text))
        case .header(let name, let text): self = .field(name, text.isEmpty ? nil : TextNeedle(text))
        case .date(.sent, let comparison, let day): self = .sentDate(comparison, Self.day(day))
        case .date(.internalDate, let comparison, let day): self = .internalDate(comparison, Self.day(day))
        case .date(.saved, let comparison, let day): self = .saveDate(comparison, Self.day(day))
        case .larger(let size): self = .larger(Int(clamping: size))
        case .smaller(let size): self = .smaller(Int(clamping: size))
        case .older(let seconds): self = .arrived(atOrBefore: now - .seconds(Int64(seconds)))
        case .younger(let seconds): self = .arrivedSince(now - .seconds(Int64(seconds)))
        case .messages(let set): self = .uids(uids(set))
        case .modSequence(let number): self = .modSequence(number)
        case .emailID(let text): self = .emailID(Self.number(text, "E"))
        case .threadID(let text): self = .threadID(Self.number(text, "T"))
        case .saveDateSupported: self = .constant(true)
        case .not(let key): self = .not(SearchProgram(key, now: now, uids: uids))
        case .or(let left, let right):
            self = .or(SearchProgram(left, now: now, uids: uids), SearchProgram(right, now: now, uids: uids))
        case .and(let keys): self = .and(keys.map { SearchProgram($0, now: now, uids: uids) })
        }
    }

    /// Days compare without time and zone (RFC 3501 §6.4.4).
    private static func day(_ time: CivilTime) -> Int { (time.year * 100 + time.month) * 100 + time.day }

    private static func number(_ text: String, _ letter: Character) -> Int64? {
        text.first == letter ? Int64(text.dropFirst()) : nil
    }

    /// The columns that deciding without bodies needs.
    var columns: MessageColumns {
        switch self {
        case .field: .foldedHead
        case .text, .body: .folded
        case .sentDate: .header
        case .internalDate, .larger, .smaller, .arrived, .arrivedSince, .emailID, .threadID: .facts
        case .saveDate: .saveDate
        case .not(let program): program.columns
        case .or(let left, let right): left.columns.union(right.columns)
        case .and(let programs): programs.reduce(into: []) { $0.formUnion($1.columns) }
        case .constant, .flag, .recent, .keyword, .uids, .modSequence: []
        }
    }

    /// The trigrams of the texts that decide, for the index to tell where they may be; `nil`: anywhere.
    indirect enum Reach: Sendable {
        case anywhere
        case texts([UInt32])
        case uids(NumberSet)
        case all([Reach])
        case any([Reach])
    }

    /// Where messages that fit can be.
    var reach: Reach {
        switch self {
        case .field(_, let needle?), .body(let needle): return Reach(needle.folded[...])
        case .text(let needle):
            if CommonFieldNames.hold(needle) { return .anywhere }
            // A needle with a colon may begin within the name of a field, of which the index knows the value apart.
            let value = needle.folded.firstIndex(of: 0x3A).map { needle.folded[($0 + 1)...].drop { $0 == 0x20 } }
            return Reach(value ?? needle.folded[...])
        case .uids(let set): return .uids(set)
        case .constant(false): return .uids(NumberSet())
        case .and(let programs): return .all(programs.map(\.reach))
        case .or(let left, let right): return .any([left.reach, right.reach])
        default: return .anywhere
        }
    }

    /// Whether a mod-sequence is asked for, so that the answer names one.
    var asksForModSequence: Bool {
        switch self {
        case .modSequence: true
        case .not(let program): program.asksForModSequence
        case .or(let left, let right): left.asksForModSequence || right.asksForModSequence
        case .and(let programs): programs.contains(where: \.asksForModSequence)
        default: false
        }
    }

    /// A message as a program looks at it.
    struct Subject {
        var row: MessageRow
        var isRecent: Bool
        var header: HeaderSection?
        /// What searches in texts look through; `nil`: not read.
        var texts: SearchTexts?
    }

    /// Whether the message fits; `nil` if only its body can tell.
    func matches(_ subject: Subject) -> Bool? {
        let row = subject.row
        switch self {
        case .constant(let value): return value
        case .flag(let flag, let isSet): return row.flags.isSuperset(of: flag) == isSet
        case .recent(let value): return subject.isRecent == value
        case .keyword(let word, let isSet): return row.keywordList.contains { $0.lowercased() == word } == isSet
        case .field(let name, let needle):
            let field = Array(name.lowercased().utf8)
            return subject.texts.map { texts in needle.map { texts.isFound($0, inField: field) } ?? texts.hasField(field) }
        case .body(let needle): return subject.texts.map { $0.isFoundInBody(needle) }
        case .text(let needle): return subject.texts.map { $0.isFound(needle) }
        case .internalDate(let comparison, let day):
            return Self.compare(Self.day(CivilTime(row.internalDate)), comparison, day)
        case .saveDate(let comparison, let day):
            return Self.compare(Self.day(CivilTime(row.savedAt)), comparison, day)
        case .sentDate(let comparison, let day):
            guard let sent = subject.header?.civilDate else { return false }
            return Self.compare(Self.day(sent), comparison, day)
        case .larger(let size): return row.size > size
        case .smaller(let size): return row.size < size
        case .arrived(let moment): return row.internalDate <= moment
        case .arrivedSince(let moment): return row.internalDate >= moment
        case .uids(let set): return set.contains(row.uid)
        case .modSequence(let number): return row.modSequence >= number
        case .emailID(let number): return row.emailID == number
        case .threadID(let number): return number != nil && row.thread?.rawValue == number
        case .not(let program): return program.matches(subject).map { !$0 }
        case .or(let left, let right):
            let first = left.matches(subject)
            if first == true { return true }
            let second = right.matches(subject)
            if second == true { return true }
            return first == nil || second == nil ? nil : false
        case .and(let programs):
            var isOpen = false
            for program in programs {
                switch program.matches(subject) {
                case false?: return false
                case nil: isOpen = true
                case true?: break
                }
            }
            return isOpen ? nil : true
        }
    }

    private static func compare(_ day: Int, _ comparison: SearchComparison, _ wanted: Int) -> Bool {
        switch comparison {
        case .before: day < wanted
        case .on: day == wanted
        case .since: day >= wanted
        }
    }
}

extension SearchProgram.Reach {
    fileprivate init(_ text: ArraySlice<UInt8>) {
        let trigrams = Trigrams.some(of: text)
        self = trigrams.isEmpty ? .anywhere : .texts(trigrams)
    }
}

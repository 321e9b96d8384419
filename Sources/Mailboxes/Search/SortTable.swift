import IMAPProtocol
import MailTypes
import Synchronization

/// The messages that SORT puts in order (RFC 5256 §2.2): rows come in from transactions, UIDs go out sorted.
///
///     let table = SortTable(criteria)
///     table.append(row)  // for every message found, ascending by UID
///     table.sorted()
final class SortTable: Sendable {
    /// The keys of one criterion. Texts lie one behind the other; a number of their first octets decides most comparisons.
    private struct Column {
        var isReverse: Bool
        var numbers: [UInt64] = []
        var texts: [UInt8] = []
        /// Where each text ends; empty where numbers say all.
        var ends: [Int] = []

        mutating func append(_ number: Int64) { numbers.append(UInt64(bitPattern: number) ^ 1 << 63) }

        mutating func append(_ text: [UInt8]) {
            var first: UInt64 = 0
            for index in 0..<8 { first = first << 8 | (index < text.count ? UInt64(text[index]) : 0) }
            numbers.append(first)
            texts += text
            ends.append(texts.count)
        }

        /// Negative: the left one comes first.
        func compare(_ left: Int, _ right: Int) -> Int {
            let (one, other) = (numbers[left], numbers[right])
            let order = one == other ? ends.isEmpty ? 0 : compareTexts(left, right) : one < other ? -1 : 1
            return isReverse ? -order : order
        }

        private func compareTexts(_ left: Int, _ right: Int) -> Int {
            let (one, other) = (range(left), range(right))
            let shorter = min(one.count, other.count)
            var index = min(8, shorter)
            while index < shorter {
                let (a, b) = (texts[one.lowerBound + index], texts[other.lowerBound + index])
                if a != b { return a < b ? -1 : 1 }
                index += 1
            }
            return one.count == other.count ? 0 : one.count < other.count ? -1 : 1
        }

        private func range(_ index: Int) -> Range<Int> { (index == 0 ? 0 : ends[index - 1])..<ends[index] }
    }

    private struct State {
        var uids: [UInt32] = []
        var columns: [Column]
    }

    private let criteria: [SortCommand.Criterion]
    private let state: Mutex<State>

    init(_ criteria: [SortCommand.Criterion]) {
        // A key that stood before decides nothing any more.
        var seen: [SortCommand.Key] = []
        self.criteria = criteria.filter { criterion in
            defer { seen.append(criterion.key) }
            return !seen.contains(criterion.key)
        }
        state = Mutex(State(columns: self.criteria.map { Column(isReverse: $0.isReverse) }))
    }

    /// What to read of each message, in the order of the criteria that are texts.
    var texts: [SortKeys.Text] { criteria.compactMap(\.key.text) }

    /// Takes a message; they come in ascending order of UIDs.
    func append(_ row: KeyRow) {
        state.withLock { state in
            state.uids.append(row.uid)
            var text = 0
            for (index, criterion) in criteria.enumerated() {
                switch criterion.key {
                case .arrival: state.columns[index].append(row.arrival.microseconds)
                case .date: state.columns[index].append(row.sentAt.microseconds)
                case .size: state.columns[index].append(Int64(row.size))
                case .cc, .from, .subject, .to, .displayFrom, .displayTo:
                    state.columns[index].append(row.texts[text])
                    text += 1
                }
            }
        }
    }

    /// The UIDs in order; what compares equal stays in the order of sequence numbers, whatever is reversed.
    func sorted() -> [UInt32] {
        state.withLock { state in
            let columns = state.columns
            var order = Array(state.uids.indices)
            order.sort { left, right in
                for column in columns {
                    let result = column.compare(left, right)
                    if result != 0 { return result < 0 }
                }
                return left < right
            }
            return order.map { state.uids[$0] }
        }
    }
}

extension SortCommand.Key {
    /// The stored text that a key compares; `nil` for numbers.
    fileprivate var text: SortKeys.Text? {
        switch self {
        case .arrival, .date, .size: nil
        case .cc: .cc
        case .from: .from
        case .subject: .baseSubject
        case .to: .to
        case .displayFrom: .displayFrom
        case .displayTo: .displayTo
        }
    }
}

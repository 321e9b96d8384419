internal import CUnbound
import MailTypes

/// The thread that owns libunbound's context: it hands questions over, waits for answers, and ends what takes too long. No
/// other thread touches the context or what is open here.
final class QuestionThread {
    /// A question that libunbound works on.
    private final class Open {
        let question: Question
        unowned let thread: QuestionThread
        var id: Int32 = 0
        init(_ question: Question, thread: QuestionThread) { (self.question, self.thread) = (question, thread) }
    }

    private let loop: QuestionLoop
    private let context: Context
    private var open: [ObjectIdentifier: Open] = [:]
    /// No deadline is earlier.
    private var nextDeadline: ContinuousClock.Instant?

    init(loop: QuestionLoop, context: consuming Context) {
        self.loop = loop
        self.context = context
    }

    func run() {
        while true {
            let orders = loop.takeOrders()
            for question in orders.questions { begin(question) }
            guard !orders.isClosed else { break }
            if orders.hasCancellations { end(.cancelled) { $0.cancellation.isCancelled } }
            let now = ContinuousClock.now
            if let nextDeadline, nextDeadline <= now { end(.timedOut) { $0.deadline <= now } }
            if loop.wait(for: ub_fd(context.pointer), milliseconds: millisecondsLeft(at: now)) {
                ub_process(context.pointer)
            }
        }
        end(.closed) { _ in true }
    }

    private func begin(_ question: Question) {
        let entry = Open(question, thread: self)
        open[ObjectIdentifier(entry)] = entry
        nextDeadline = min(nextDeadline ?? question.deadline, question.deadline)
        let code = ub_resolve_async(
            context.pointer, question.name, question.type, 1, Unmanaged.passUnretained(entry).toOpaque(),
            { data, code, result in
                defer { ub_resolve_free(result) }
                // `open` holds the entry for as long as libunbound may call back for it.
                guard let data else { return }
                let entry = Unmanaged<Open>.fromOpaque(data).takeUnretainedValue()
                entry.thread.settle(entry, QuestionThread.read(code, result))
            }, &entry.id)
        if code != UB_NOERROR.rawValue {
            settle(entry, .failure(LookupFailure(.serverFailure, detail: Self.words(code))))
        }
    }

    private func settle(_ entry: Open, _ result: Result<DNSAnswer<[UInt8]>, LookupFailure>) {
        guard open.removeValue(forKey: ObjectIdentifier(entry)) != nil else { return }
        loop.settled()
        entry.question.complete(result)
    }

    /// Ends the questions of which that is true, and looks which deadline comes next.
    private func end(_ reason: LookupFailure.Reason, where isOver: (Question) -> Bool) {
        for entry in open.values where isOver(entry.question) {
            ub_cancel(context.pointer, entry.id)
            settle(entry, .failure(LookupFailure(reason)))
        }
        nextDeadline = open.values.map(\.question.deadline).min()
    }

    private func millisecondsLeft(at now: ContinuousClock.Instant) -> Int32 {
        guard let nextDeadline else { return -1 }
        let milliseconds = (nextDeadline - now).microseconds / 1000 + 1
        return Int32(clamping: max(0, milliseconds))
    }

    private static func words(_ code: Int32) -> String {
        ub_strerror(code).map { String(cString: $0) } ?? "error \(code)"
    }

    private static func read(
        _ code: Int32, _ result: UnsafeMutablePointer<ub_result>?
    ) -> Result<DNSAnswer<[UInt8]>, LookupFailure> {
        guard code == UB_NOERROR.rawValue, let result = result?.pointee else {
            return .failure(LookupFailure(.serverFailure, detail: words(code)))
        }
        guard result.bogus == 0 else {
            let why = result.why_bogus.map { String(cString: $0) } ?? ""
            return .failure(LookupFailure(.bogus, detail: why))
        }
        // RFC 1035 §4.1.1: 0 no error, 3 no such name.
        guard result.rcode == 0 || result.rcode == 3 else {
            return .failure(LookupFailure(.serverFailure, detail: "RCODE \(result.rcode)"))
        }
        var records: [[UInt8]] = []
        if result.havedata != 0, let data = result.data, let lengths = result.len {
            var index = 0
            while let start = data[index] {
                let length = Int(max(0, lengths[index]))
                records.append(Array(UnsafeRawBufferPointer(start: start, count: length)))
                index += 1
            }
        }
        let name = (result.canonname ?? result.qname).map { String(cString: $0) } ?? ""
        return .success(
            DNSAnswer(
                records: records, domainExists: result.nxdomain == 0,
                security: result.secure != 0 ? .secure : .insecure,
                canonicalName: name.hasSuffix(".") ? String(name.dropLast()) : name,
                timeToLive: .seconds(Int(max(0, result.ttl)))))
    }
}

extension Command {
    /// The capability that a command came with; to an account that has it switched off the command is unknown. `nil` for
    /// commands that every server has.
    package var capability: Capability? {
        switch self {
        case .id: .id
        case .enable: .enable
        case .namespace: .namespace
        case .quota: .quota
        case .acl: .acl
        case .metadata: .metadata
        case .idle: .idle
        case .notify: .notify
        case .unselect: .unselect
        case .move: .move
        case .expunge(let uids): uids == nil ? nil : .uidPlus
        case .create(_, let uses): uses.isEmpty ? nil : .specialUse
        case .select(let select): select.isCondstore ? .condstore : nil
        case .sort(let sort): sort.capability
        case .thread(let thread): thread.algorithm == "ORDEREDSUBJECT" ? .threadOrderedSubject : .threadReferences
        case .list(let list): list.kind == .xlist ? .xList : nil
        case .capability, .noop, .logout, .startTLS, .login, .authenticate, .delete, .rename, .subscribe, .unsubscribe,
            .status, .check, .close, .search, .fetch, .store, .copy:
            nil
        }
    }
}

extension SortCommand {
    fileprivate var capability: Capability {
        if search.resultOptions != nil { return .eSort }
        return criteria.contains { $0.key == .displayFrom || $0.key == .displayTo } ? .sortDisplay : .sort
    }
}

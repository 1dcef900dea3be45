# Names of accounts and groups, while an agent has the vault open. What the vault says is never expanded: each line is a
# word as it stands, quoted already.
_twolock_with_names() {
    _twolock "$@"
    [[ "$2" == -* ]] && return 0
    local offered line
    offered=$(printf '%s\0%s' "${COMP_LINE:0:COMP_POINT}" "$2" | command twolock completions bash --offer 2>/dev/null) || return 0
    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
        # A file is no account.
        compopt +o default +o bashdefault
    fi
    [[ -n "$offered" ]] || return 0
    COMPREPLY=()
    while IFS= read -r line; do
        COMPREPLY+=("$line")
    done <<<"$offered"
}


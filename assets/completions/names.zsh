# Names of accounts and groups, while an agent has the vault open. What the vault says is never expanded, and what is
# inserted is quoted by zsh.
(( $+functions[_twolock_names] )) ||
_twolock_names() {
    local line
    local -a offered texts shown
    offered=("${(@f)$(print -rn -- "$LBUFFER" | command twolock completions zsh --offer 2>/dev/null)}")
    for line in "${offered[@]}"; do
        [[ -n $line ]] || continue
        texts+=("${line%%$'\t'*}")
        shown+=("${line/$'\t'/  -- }")
    done
    (( $#texts )) || return 1
    compadd "$@" -M 'm:{[:lower:][:upper:]}={[:upper:][:lower:]}' -d shown -a texts
}


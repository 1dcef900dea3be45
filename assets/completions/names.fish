
# Names of accounts and groups, while an agent has the vault open. What the vault says is never expanded, and what is
# inserted is quoted by fish.
function __twolock_names
    commandline -cp | command twolock completions fish --offer 2>/dev/null
end


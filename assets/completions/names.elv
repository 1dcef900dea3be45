
# Names of accounts and groups, while an agent has the vault open. What is inserted is quoted by elvish.
var twolock-without-names = $edit:completion:arg-completer[twolock]
set edit:completion:arg-completer[twolock] = {|@words|
    var offered = []
    try {
        set offered = [(print $edit:current-command[..$edit:-dot] | e:twolock completions elvish --offer 2>/dev/null | from-lines)]
    } catch {
        # There is nothing to complete here.
    }
    if (> (count $offered) 0) {
        all $offered
    } else {
        $twolock-without-names $@words
    }
}

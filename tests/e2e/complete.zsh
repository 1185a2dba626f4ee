# complete.zsh FOLDER LINE...: what an interactive zsh makes of each LINE and a Tab, one a row. FOLDER
# holds _pullmend, and gets the shell's own settings.
folder=$1
shift
cat >$folder/.zshrc <<'RC'
PS1=
unset zle_bracketed_paste
unsetopt beep prompt_cr prompt_sp
fpath=($ZDOTDIR $fpath)
autoload -Uz compinit && compinit -u -D
# Tells the line as it stands, and empties it.
tell() { print -r -- "<<$BUFFER>>"; BUFFER= }
zle -N tell
bindkey '^T' tell
print -r -- '<<ready>>'
RC
zmodload zsh/zpty || exit 1
zpty shell "env ZDOTDIR=${(q)folder} TERM=vt100 COLUMNS=200 zsh -d -i"
zpty -r shell answer '*<<ready>>*' || exit 1
for line; do
    zpty -w -n shell "$line"$'\t\024'
    zpty -r shell answer '*<<*>>*' || exit 1
    print -r -- "${${answer##*<<}%%>>*}"
done
zpty -d shell

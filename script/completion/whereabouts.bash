# bash completion of whereabouts; made by: whereabouts completion bash
_whereabouts_words()
{
    COMPREPLY=($(compgen -W "$*" -- "$word"))
}

# Ids of the site: the first column of a list. A file that is not there has none.
_whereabouts_ids()
{
    local ids IFS=$'\n'
    ids=$("${COMP_WORDS[0]}" list "$1" --csv 2>/dev/null | tail -n +2 |
        cut -d, -f1)
    shift
    COMPREPLY=($(compgen -W "$ids"$'\n'"${*// /$'\n'}" -- "$word"))
}

_whereabouts()
{
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}
    local command=${COMP_WORDS[1]} first=1
    COMPREPLY=()
    if [[ $command == --data || $command == --server || $command == --cacert ]]; then
        first=3 command=${COMP_WORDS[3]}
    fi
    if [[ $before == --data || $before == --cacert ]]; then
        COMPREPLY=($(compgen -f -- "$word"))
        return
    fi
    if ((COMP_CWORD == first)); then
        _whereabouts_words init import export pair unpair replace now at path with occupancy list withdraw release complete operator token erase lookups serve simulate verify rebuild backup help completion --data --server --help --version
        return
    fi
    if [[ $command == import ]]; then
        if ((COMP_CWORD == first + 1)); then
            _whereabouts_words scans people bands
            return
        fi
        command="import ${COMP_WORDS[first+1]}"
    fi
    if [[ $command == operator ]]; then
        if ((COMP_CWORD == first + 1)); then
            _whereabouts_words add list remove
            return
        fi
        command="operator ${COMP_WORDS[first+1]}"
    fi
    if [[ $command == token ]]; then
        if ((COMP_CWORD == first + 1)); then
            _whereabouts_words add list revoke
            return
        fi
        command="token ${COMP_WORDS[first+1]}"
    fi
    case $command in
    'init')
        case $before in
        --site) COMPREPLY=($(compgen -f -- "$word")); return ;;
        esac
        case $word in
        -*) _whereabouts_words --site --data --server --cacert --help ;;
        *) : ;;
        esac
        ;;
    'import scans')
        case $before in
        --columns) :; return ;;
        --batch) :; return ;;
        esac
        case $word in
        -*) _whereabouts_words --columns --complete --trust-learnt --strict --batch --json --csv --data --server --cacert --help ;;
        *) COMPREPLY=($(compgen -f -- "$word")) ;;
        esac
        ;;
    'import people')
        case $before in
        --columns) :; return ;;
        esac
        case $word in
        -*) _whereabouts_words --columns --strict --json --csv --data --server --cacert --help ;;
        *) COMPREPLY=($(compgen -f -- "$word")) ;;
        esac
        ;;
    'import bands')
        case $before in
        --columns) :; return ;;
        esac
        case $word in
        -*) _whereabouts_words --columns --trust-learnt --strict --json --csv --data --server --cacert --help ;;
        *) COMPREPLY=($(compgen -f -- "$word")) ;;
        esac
        ;;
    'export scans')
        case $before in
        --from) :; return ;;
        --until) :; return ;;
        esac
        case $word in
        -*) _whereabouts_words --from --until --json --csv --data --server --cacert --help ;;
        *) : ;;
        esac
        ;;
    'pair')
        case $before in
        --from) :; return ;;
        --until) :; return ;;
        esac
        case $word in
        -*) _whereabouts_words --from --until --data --server --cacert --help ;;
        *) _whereabouts_ids people ;;
        esac
        ;;
    'unpair')
        case $before in
        --at) :; return ;;
        esac
        case $word in
        -*) _whereabouts_words --at --data --server --cacert --help ;;
        *) : ;;
        esac
        ;;
    'replace')
        case $before in
        --at) :; return ;;
        esac
        case $word in
        -*) _whereabouts_words --at --data --server --cacert --help ;;
        *) : ;;
        esac
        ;;
    'now')
        case $before in
        --zone) _whereabouts_ids zones outside unknown; return ;;
        --person) _whereabouts_ids people; return ;;
        --group) :; return ;;
        esac
        case $word in
        -*) _whereabouts_words --zone --person --group --counts --json --csv --data --server --cacert --help ;;
        *) : ;;
        esac
        ;;
    'at')
        case $before in
        --zone) _whereabouts_ids zones outside unknown; return ;;
        --person) _whereabouts_ids people; return ;;
        --group) :; return ;;
        --known) :; return ;;
        esac
        case $word in
        -*) _whereabouts_words --zone --person --group --counts --known --json --csv --data --server --cacert --help ;;
        *) : ;;
        esac
        ;;
    'path')
        case $before in
        --from) :; return ;;
        --until) :; return ;;
        --known) :; return ;;
        esac
        case $word in
        -*) _whereabouts_words --from --until --known --plot --json --csv --data --server --cacert --help ;;
        *) _whereabouts_ids people ;;
        esac
        ;;
    'with')
        case $before in
        --from) :; return ;;
        --until) :; return ;;
        --min) :; return ;;
        --known) :; return ;;
        esac
        case $word in
        -*) _whereabouts_words --from --until --min --known --json --csv --data --server --cacert --help ;;
        *) _whereabouts_ids people ;;
        esac
        ;;
    'occupancy')
        case $before in
        --from) :; return ;;
        --until) :; return ;;
        --every) :; return ;;
        --known) :; return ;;
        esac
        case $word in
        -*) _whereabouts_words --from --until --every --known --plot --json --csv --data --server --cacert --help ;;
        *) _whereabouts_ids zones outside unknown ;;
        esac
        ;;
    'list')
        case $before in
        esac
        case $word in
        -*) _whereabouts_words --json --csv --data --server --cacert --help ;;
        *) _whereabouts_words people bands zones readers held quarantined withdrawn unseen ;;
        esac
        ;;
    'withdraw')
        case $before in
        --direction) _whereabouts_words in out none; return ;;
        --why) :; return ;;
        esac
        case $word in
        -*) _whereabouts_words --direction --why --data --server --cacert --help ;;
        *) _whereabouts_ids readers ;;
        esac
        ;;
    'release')
        case $before in
        --from) :; return ;;
        --until) :; return ;;
        --shift) :; return ;;
        --why) :; return ;;
        esac
        case $word in
        -*) _whereabouts_words --from --until --shift --why --data --server --cacert --help ;;
        *) _whereabouts_ids readers ;;
        esac
        ;;
    'complete')
        case $before in
        esac
        case $word in
        -*) _whereabouts_words --data --server --cacert --help ;;
        *) _whereabouts_ids readers ;;
        esac
        ;;
    'operator add')
        case $before in
        --role) _whereabouts_words admin warden viewer; return ;;
        --zone) _whereabouts_ids zones outside unknown; return ;;
        --group) :; return ;;
        esac
        case $word in
        -*) _whereabouts_words --role --zone --group --data --server --cacert --help ;;
        *) : ;;
        esac
        ;;
    'operator list')
        case $before in
        esac
        case $word in
        -*) _whereabouts_words --json --csv --data --server --cacert --help ;;
        *) : ;;
        esac
        ;;
    'operator remove')
        case $before in
        esac
        case $word in
        -*) _whereabouts_words --data --server --cacert --help ;;
        *) : ;;
        esac
        ;;
    'token add')
        case $before in
        --role) _whereabouts_words reader viewer warden admin; return ;;
        --reader) _whereabouts_ids readers; return ;;
        --zone) _whereabouts_ids zones outside unknown; return ;;
        --group) :; return ;;
        --expires) :; return ;;
        --purpose) :; return ;;
        esac
        case $word in
        -*) _whereabouts_words --role --reader --zone --group --expires --purpose --data --server --cacert --help ;;
        *) : ;;
        esac
        ;;
    'token list')
        case $before in
        esac
        case $word in
        -*) _whereabouts_words --json --csv --data --server --cacert --help ;;
        *) : ;;
        esac
        ;;
    'token revoke')
        case $before in
        esac
        case $word in
        -*) _whereabouts_words --data --server --cacert --help ;;
        *) : ;;
        esac
        ;;
    'erase')
        case $before in
        esac
        case $word in
        -*) _whereabouts_words --yes --data --server --cacert --help ;;
        *) _whereabouts_ids people ;;
        esac
        ;;
    'lookups')
        case $before in
        --most) :; return ;;
        esac
        case $word in
        -*) _whereabouts_words --most --json --csv --data --server --cacert --help ;;
        *) _whereabouts_ids people ;;
        esac
        ;;
    'serve')
        case $before in
        --listen) :; return ;;
        --tls-cert) COMPREPLY=($(compgen -f -- "$word")); return ;;
        --tls-key) COMPREPLY=($(compgen -f -- "$word")); return ;;
        --connections) :; return ;;
        --per-address) :; return ;;
        --request-seconds) :; return ;;
        --idle-seconds) :; return ;;
        esac
        case $word in
        -*) _whereabouts_words --listen --tls-cert --tls-key --plain-http --connections --per-address --request-seconds --idle-seconds --data --server --cacert --help ;;
        *) : ;;
        esac
        ;;
    'simulate')
        case $before in
        --people) :; return ;;
        --days) :; return ;;
        --seed) :; return ;;
        --out) COMPREPLY=($(compgen -d -- "$word")); return ;;
        --until) :; return ;;
        esac
        case $word in
        -*) _whereabouts_words --people --days --seed --out --until --data --server --cacert --help ;;
        *) : ;;
        esac
        ;;
    'verify')
        case $before in
        esac
        case $word in
        -*) _whereabouts_words --data --server --cacert --help ;;
        *) : ;;
        esac
        ;;
    'rebuild')
        case $before in
        esac
        case $word in
        -*) _whereabouts_words --data --server --cacert --help ;;
        *) : ;;
        esac
        ;;
    'backup')
        case $before in
        esac
        case $word in
        -*) _whereabouts_words --data --server --cacert --help ;;
        *) COMPREPLY=($(compgen -f -- "$word")) ;;
        esac
        ;;
    'help')
        case $before in
        esac
        case $word in
        -*) _whereabouts_words --data --server --cacert --help ;;
        *) _whereabouts_words init import export pair unpair replace now at path with occupancy list withdraw release complete operator token erase lookups serve simulate verify rebuild backup help completion ;;
        esac
        ;;
    'completion')
        case $before in
        esac
        case $word in
        -*) _whereabouts_words --data --server --cacert --help ;;
        *) _whereabouts_words bash zsh fish ;;
        esac
        ;;
    esac
}
complete -o filenames -F _whereabouts whereabouts

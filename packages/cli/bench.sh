# min wall & min user of N runs
n=$1; shift
for i in $(seq $n); do /usr/bin/time -f "%e %U" "$@" 2>&1 >/dev/null | tail -1; done | sort -n | awk 'NR==1{w=$1} {if(u==""||$2<u)u=$2} END{print w, u}'

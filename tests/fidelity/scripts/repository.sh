# A repository: commits, branches, merges, clones, packs, hooks.
GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 GIT_PAGER=cat GIT_EDITOR=true
GIT_AUTHOR_NAME=A GIT_AUTHOR_EMAIL=a@example.org GIT_COMMITTER_NAME=C GIT_COMMITTER_EMAIL=c@example.org
GIT_AUTHOR_DATE='1700000000 +0000' GIT_COMMITTER_DATE='1700000000 +0000'
export GIT_CONFIG_GLOBAL GIT_CONFIG_NOSYSTEM GIT_PAGER GIT_EDITOR GIT_AUTHOR_NAME GIT_AUTHOR_EMAIL
export GIT_COMMITTER_NAME GIT_COMMITTER_EMAIL GIT_AUTHOR_DATE GIT_COMMITTER_DATE
rm -rf one two
git init -q -b main one
cd one || exit 1
for i in 1 2 3 4 5 6 7 8 9 10; do
	seq 1 $((i * 100)) >"file$i"
	git add .
	git commit -q -m "Commit $i"
done
printf '#!/bin/sh\ncat >/dev/null\necho hook ran >&2\n' >.git/hooks/pre-push
chmod +x .git/hooks/pre-push
git checkout -q -b side HEAD~3
echo side >side
git add side
git commit -q -m Side
git checkout -q main
git merge -q --no-ff -m Merge side 2>&1
git log --format='%h %s' --graph
git diff --stat HEAD~2 HEAD
git gc -q 2>&1
git fsck 2>&1 | sed 's/[0-9a-f]\{40\}/ID/'
cd ..
git clone -q one two 2>&1
cd two || exit 1
git rev-parse HEAD
echo more >>file1
git commit -q -am More
git push -q origin HEAD:refs/heads/pushed 2>&1
git -C ../one log -1 --format=%s pushed
git archive HEAD | tar -tf - | sort | tail -n 3
git grep -c 99 | head -n 3
git blame -s file2 | tail -n 1 | sed 's/^[^ ]* //'
git bundle create -q ../b.bundle HEAD 2>&1
git bundle verify -q ../b.bundle
git rebase -q HEAD~1 2>&1
git status --short
cd ..
rm -rf one two b.bundle

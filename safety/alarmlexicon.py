"""The words by which people call for help, in the spelling of everyday phones.

One phrase a line, `/` between alternatives, `*` for any ending. The words of a phrase may stand in
any order, a few others between them; after `>` they stand in this order, after `=` side by side.
Spelling is folded before comparing (see `alarmwords`): case, accents, ё, Kazakh letters typed as
Russian ones, doubled letters. A denial is one word with what it denies (`невыпускают`).
Weigh every new word by who would be woken, or not woken, because of it; then add it to the tests.
"""

# What is happening to somebody now. Raises the alarm.
CRIES = """
нас/меня/мне/ее/его/их/людей/девушек/девочек/девушку/девочку/женщин/участниц/ребят/всех/наших/сестру/подругу бьют/бъют/избивают/избивает/убивают/убивает/душат/пинают/режут/насилуют/пытают/бьет
бьют/избивают
нас/меня/ее/его/их/мне избили/ударил*/атакуют/атаковали/схватил*/скрутил*/похитил*/похищают/зажали/толкают/угрожают
на нас/меня/них/нее/него/девушек/ребят напали/нападают/напал/бросились/набросил*/накинул*
нас/меня/ее/его/их/всех/девушек/девушку/ребят/людей/наших/подругу/участниц забирают/забрали/увозят/увезли/задержали/задерживают/арестовали/арестовывают/вяжут/винтят/повязали/тащат/уводят/увели/запихивают/везут/хватают/держат/удерживают
забирают/увозят/забрали/увезли/хватают/задерживают полиция/полицейск*/менты/омон/автозак/участок/телефоны/подряд
нас/меня/мы/я/ее/их/дом/здание/отель/гостиницу окружили/окружают/окружены/окружена/заперли/заперты/заперта/зажаты/осадили
невыпускают/невыпустили
недают выйти/уйти/дышать
выпустите/отпустите/освободите нас/меня/ее/его/их
они/толпа/мужчины/мужики/чужие/неизвестные/бандиты/спортсмены вошли/зашли/ворвались/врываются/вламываются/вломились/внутри/ломятся/ломают/лезут/рвутся
ворвались/врываются/вломились/вламываются
толпа/мужчины/мужики идет/идут/бежит/бегут нам/нас/мне/сюда
ломают/ломятся/выбивают/выламывают/вышибают/взламывают/выломали/выбили дверь/двери/дверях/окно/окна/номер/квартиру/нам
за мной/нами/ней/ним гонятся/бегут/гонится/бежит/гонят
преследуют/преследует меня/нас/ее
угрожают/угрожает ножом/оружием/убить/пистолетом/убийством
= них/него/нее нож/ножи/оружие/пистолет/биты/палки
стреляют/стрельба
слезоточив* газ/газом
вызовите/вызывайте/вызови/нужна/нужно/скорее скорую/скорая/полицию/врача/медика/пожарных
врач/медик/врача/медика нужен/нужна/нужны/надо срочно/быстро/немедленно/здесь/тут/нам/мне/сюда
человек/она/он/девушка/подруга/кто-то/я/мы ранен/ранена/ранены/истекает/задыхается/задыхаюсь/задыхаемся/умирает/умираю/истекаю
потеряла/потерял/без сознание/сознания
истекает/истекаю/много/идет/течет кровью/кровь/крови
немогу дышать/вздохнуть
= нечем дышать
= человеку/девушке/ей/ему/подруге плохо
> мы/я в/попали опасности/ловушке/заложниках/ловушку
нас/меня/ее сейчас/хотят/собираются/грозят/могут убьют/убить/заберут/забрать/побьют/изнасиловать/увезут/избить
нас/меня убьют/изнасилуют
срочно приезжайте/приезжай/сюда/спасайте/выручайте
умоляю приезжайте/приезжай/спасайте/скорее
= в автозаке/автозак/заложниках
везут/привезли/доставили отдел/отделение/участок/полицию/неизвестно/куда-то/ровд/увд/лес/ровд
я/нас/мы/сидим/сижу/меня в отделе/участке/ровд/увд/отделении/полиции

> they/theyre/men/police/guys/mob/thugs/somebody/someone beat*/hit/hiting/atacking/atacked/kicking/kicked/kiling/hurting/choking/stabed/stabing/raping us/me/her/him/them/people/everyone/girls/women/my
> they/theyre/men/guys/mob/crowd/people/someone/strangers/thugs broke/burst/stormed/breaking/forced/bursting/storming in/into/door/way
breaking/broke/kicking/smashing/banging down/in/our/the door/window
> they/theyre/men/mob/strangers/thugs came/coming/geting in/inside
they/theyre/men/mob/strangers/thugs entered/entering/storming
> they/theyre/police/cops/men/oficers taking/took/take/grabed/draging/draged/arested/aresting/detained/detaining/seized/kidnaped/kidnaping us/me/her/him/everyone/people/girls/women/them/my
> they/theyve got me/us
= im/am/hes/shes/were hurt/injured
= being beaten/atacked/arested/detained/kidnaped/chased/folowed/taken/held/threatened
im/i/we/were/weve/ive/us beaten/atacked/arested/detained/kidnaped/abducted/chased
= under atack
im/i/we/were/us/me trapped/surounded/cornered/hostage/hostages
= locked us/me/in
wontlet/dontlet/notlet/notleting/arentleting us/me/out/leave/go
cantbreathe/cannotbreathe/notbreathe/cantbreath
im/shes/hes/she/he/i/someone/somebody/friend/were bleeding/unconscious/dying/stabed/shot/wounded
someone/he/they/theyre/has/have/got/men with/has/have/a/got knife/gun/weapon/knives/guns/weapons/bats
shoting/shots/gunfire here/inside/outside/fired/us
= tear gas
= chasing me/us
= are/theyre beating/kicking/atacking/kiling/raping
cal/send/ned/get ambulance
cal/send doctor/police/medic/lawyer now/please/quickly/urgently/asap/here/imediately
urgently ned doctor/medic/lawyer
save/rescue me/us/them/her/him
crowd/mob/thugs here/coming/inside/outside/atacking/arived
mayday
> going/gona/wil/want to/kil/rape/hurt us/me/kil
let/release us/me go/out/goo
= emergency here/please/now

бізді/мені/оны/оларды/адамдарды/қыздарды/бәрімізді/әйелдерді/қызды/достарымды ұрып/ұрды/сабап/сабады/сабап/тепкілеп/тепкіледі/тепкілеуде/соғып/өлтіріп/өлтіргелі/буындырып/сабауда/ұруда/тоқпақтап/қинап/қорлап
ұрып/сабап/тепкілеп/өлтіріп/қорлап/буындырып/қинап/зорлап жатыр/жатр/жатырғой/жатырлар/жатқан/жатсың/жатыршы
ұрып соғып/соқты/жатыр
бізді/мені/оны/оларды/қыздарды/бәрімізді/адамдарды/досымды алып/ұстап/сүйреп/тартып/айдап/көлікке/ұрлап барады/жатыр/кетті/кетіп/алды/жүр/бара/кетуде/кетпек
бізді/мені/оны/оларды/қыздарды/бәрімізді/адамдарды әкетті/әкетіп/ұстады/қамады/қамап/тұтқындады/қоршап/қоршады/әкетуде/ұстауда/қуып/қамауға
қамап/қоршап/қамалап алды/қойды/тұр/жатыр/тастады
олар/еркектер/бөтендер/біреулер/тобыр/бейтаныстар/полиция кірді/кіріп/кіруде/баса-көктеп/лап
= басып/бұзып/жарып/көктеп кірді/кіріп/кіруде
есікті/есік/терезені/терезе бұзып/сындырып/теуіп/сындырды/бұзды/ұрғылап
тобыр/еркектер келіп/келе/келді/осында/жатыр
шабуыл жасап/жасады/жатыр/жасалды/жасалуда
= оқ атып/атты/атылды
= қан кетіп/ағып/кетті
> тыныс/дем ала алмай/алмаймын/алмайды
есінен/есін танды/танып/жоғалтты
қуып келе/келеді/жатыр/жүр мені/бізді/артымыздан/артымнан
бізді/мені шығармай/жібермей/шығармайды/жібермейді/шығармады
бізді/мені босатыңдар/босатыңыз*/жіберіңдер
қауіп төніп/төнді/тұр
қауіптеміз/қауіптемін
пышақ*/қару*/тапанша* бар/ұстап/алып оларда/онда/олар/бізге/маған/ол
жедел/дәрігер/медик шақырың*/шақыр/шақырш*/жіберің*
жедел/дәрігер/медик/көмек шұғыл/тез керек/қажет/керекк
өлтір* жатыр/жатқан/мақшы/мекші/жібереді/жібермек/болды
аман/құтқарып алып қалыңдар/қалыңыз/қалыңыздар/қалыңдаршы/қалшы
бөлімшеде/учаскеде/автозакта/бөлімшеге/учаскеге біз/бізді/мен/мені/отырмыз/отырмын/қамап/алып

nas/menya/menia/ih/ee/ego/mena byut/biut/bjut/bijut/ubivaut/ubivayut/izbivayut/izbivaut/zabirayut/zabirayt/zabiraut/zabrali/zaderzhali/zaderjali/zaderzhivayut/okruzhili/okrujili/uvozyat/uvozat/uvezli/shvatili/shvatil/izbili/zaperli
oni voshli/vosli/zashli/vorvalis/vnutri/lomyatsya/lomayut
lomayut/lomyatsya/vibivayut/vybivayut/lomaut dver
bizdi/meni/ony/oni/olardy urip/uryp/sabap/oltirip/ustap/alip/alyp/qamap/kamap/qorshap/korshap zhatyr/jatyr/jatir/zhatir/ketti/aldy/aldi/barady/baradi/jatr
urip/uryp/sabap/oltirip zhatyr/jatyr/jatir/zhatir/jatr
olar kirdi/kirip
vyzovite/vizovite/nuzhna skoruyu/skoraya/skoruu
esikti/esik buzip/buzyp/syndyryp/sindirip
"""

# Who is there. Raises the alarm; a question about it makes the bot ask.
SIGHTINGS = """
полиция/полицейские/полицейский/полицаи/менты/мент/омон/собр/мусора/копы/силовики/кнб/наряд/автозак/автозаки здесь/тут/пришла/пришли/приехала/приехали/приехал/идут/идет/зашла/зашли/вошла/вошли/стучат/стучит/стучится/забирает/внутри/снаружи/входе/входа/дверью/двери/дверях/входят/входит/заходят/заходит/ломится/ломятся/подъехала/подъехали/едет/едут/задерживает
нам/мне ломятся/стучат/стучатся/ломится дверь/номер/полиция/они/мужчины
police/cops/oficers/swat are/is/here/outside/inside/coming/came/arived here/door/entered/entering/knocking/taking/aresting/us/outside/inside/coming/arived
police/cops/oficers here/outside/inside/coming/arived/entered/raid/raiding/knocking
they/theyre/men/mob/strangers/thugs/intruders inside
= in danger
полиция/полицейлер/полицей/ужк/омон/полицайлар/тәртіпшілер келді/келіп/осында/осы/кіріп/есікте/есікті/тұр/жатыр/келе/мұнда/әкетіп/қоршап/қоршады/жетті
policia/policiya/politsiya/politsia/polisia/polis/menty/omon zdes/tut/prishla/prishli/priehala/priehali/zabirayut/zabiraut/stuchat/keldi/osinda/osynda/osında/kirdi
"""

# Cries that name no danger. Raise the alarm, unless they ask for something else.
CALLS = """
помоги/помогите/помогит/помгите/памагите/помагите/памаги/помаги/памагит/поможите/хелп/хэлп
спаси/спасите/спасити/спасайте/выручайте/караул
= help me/us/mee/pls/please/plz/help
= pls/please/plz/god/somebody/someone/anyone/anybody/everyone/me help/halp
= help i/im/we/were/they/theyre/there/theres/someone/police/cops/men/my/at/here/now/hes/shes/he/she/fast/quick
= send/bring help
helpme/helpus
көмектес/көмектесің*/көмектесын*/көмектесші*/көмектесінд*
жәрдемдес/жәрдемдесің*/жәрдемдесші*
көмекке/жәрдемге келің*/келіңдер/келші*/жетің*/жет/тез/шақыр*/кел
көмек/жәрдем/көмегіңді/көмегіңізді беріңдер/беріңіз*/бер/берші*/көрсетіңдер/көрсетіңіз*/сұраймын/сұраймыз/жіберің*
құтқар/құтқарың*/құтқарш*/құтқарсаң*/құтқарынд*
pomogite/pomogi/pomogit/pamagite/pomagite/pamagi/pamagi/spasite/spasi
komektes/komektesin*/komektesyn*/komektessh*/komektesshi*/qutqar*/kutkar*/kutqar*/qutkar*/jardemdes*/zhardemdes*
komekke/komek/jardem kelinder/kelinizder/keliniz/berinder/beriniz/kel
"""

# Statements that help is needed. Raise the alarm, unless conditional, or about something else.
NEEDS = """
нужна/нужно/нужен/надо/требуется/необходима/необходимо/срочно/срочная/прошу/просим/нуна/быстрее помощь/помощи/помошь/помоши/памощь/подмога/подмогу/помощ
нуждаюсь/нуждаемся помощи
= на помощь/помошь/памощь/подмогу
зовите/позовите/пришлите/вышлите/отправьте помощь/подмогу/кого-нибудь
= want/wants/ned/neds help
ned/neded/require help/asistance/rescue
help/asistance urgent/urgently/asap/emergency/quickly/imediately
көмек/көмегің*/жәрдем/жәрдемің*/көмегіңіз* керек/қажет/тез/шұғыл/керекк
nuzhna/nuzna/nujna/srochno/nado pomosh/pomosch/pomoshch/pomosc/pomosht/pomosch
= na pomosh/pomosch/pomoshch/pomosc
komek/jardem/zhardem kerek/kazhet/qajet/kajet
"""

# One word that says it all, when nothing else of weight stands beside it.
BARE = """
help/помощь/помошь/помощ/көмек/кемек/жәрдем/komek/pomosh/pomosch/pomoshch/jardem/zhardem/emergency
тревога/дабыл/panic/паника/alarm/құтқару/aittan
бьют/избивают/убивают/забирают/стреляют/ломают/вяжут/напали/нападают/окружили/ворвались/задержали/увозят/горим/пожар/өрт/fire
құтқарыңдар/ұрып/сабап/шабуыл/әкетті
"""

# Words that may stand beside such a word and change nothing.
FILLERS = """
please/pls/plz/пожалуйста/пожалуста/пж/пжл/плиз/өтінем/өтінемін/өтініш/өтінеміз/мне/нам/срочно/now/quick/fast/быстро/быстрее/скорее/тез/тезірек/қазір/god/omg/боже/господи/ойбай/маған/бізге/ау/эй/hey/алло/люди/адамдар/халайық/urgent/urgently/asap/they/они/нас/меня/ребята/девочки/очень/мені/бізді/ради/бога/здесь/тут/here/me/us/pozhaluista/pozhaluysta
"""

# Not clear enough: the bot asks.
DOUBTS = """
help/helping/halp/emergency/danger/dangerous/rescue/ambulance/unsafe
помочь/поможете/поможешь/помогайте/помогаете/выручите/выручи/скорую/скорая/спасти
= мне/нам/очень/тут/здесь страшно/опасно/плохо
опасно/опасность/опасности
= меня/нас убьют/убить
полиция/полицейск*/полиции/полицию/полицией/менты/ментов/омон/police/cops/полиция*/полицейлер*
следят/следит/слежка мной/нами/нас/меня/за
= хвост за
нам/мне/меня/нас/ей угрожа*
кровь/пожар/өрт/горим
folowing/folowed/watching me/us/im/were/being/i
threaten* me/us
напали/нападение/нападут/избили/избивают/задержали/арестовали/бьют/стреляют/атака/убивают
> they/men/someone/if break in/into/dor/door
> they/police/men took/take/taken
= алып кетті/кетіп/барады/жатыр/кеткен
= ұстап алды/алса/кетті/жатыр
ұрып/сабап/ұрды/сабады
задержат/арестуют/побьют/изобьют/забрали/забирают/увели/увезли/увозят/уводят/задержали
atack/atacked/arest/arested/detain/detained/beaten/beating/injured/wounded/bleeding
беда/беды/пәле/пәлеге/trouble/страшно/нож/ножом/knife/пышақ/пышақпен
драка/дерутся/төбелес*/ранен/ранена/ранены/жаралы/жараланды
= они пришли/здесь/тут/рядом/приехали/идут
= they/are here/outside/coming
theyre here/outside/coming
olar/олар келді/осында/мұнда/keldi/келіп
нужен/нужна/нужны/надо/срочно адвокат/юрист/врач/адвоката/медик/юриста/врача
ned/want lawyer/doctor/medic
адвокат/дәрігер/заңгер керек/қажет
көмектес*/жәрдемдес*/komektes*
қорқып/қорқамын/қорықтым/қорқынышты
қауіп/қауіпті/қауіпте/шабуыл/шабуылдап/шабуылдады
бізді/мені аңдып/бақылап/қорқытып/ұрды/ұстады/алып
> шыға алмай
im/were/i scared/afraid
паника/panic/дабыл/тревога
заперли/заперты/окружили/ломятся
"""

# They turn a call, or a need, into a question about something else.
TOPICS = """
зарегистр*/регистр*/регестр*/анкет*/заполн*/ссылк*/кнопк*/настройк*/настроить/перевод*/перевести/скачать/приложени*/вопросом/вопрос/вопросу/подскаж*/советом/совет/понять/разобраться/форму/формой/язык/языком/домашк*/домашн*/уроком/уроки/оформ*/билет*/паролем/пароль/подключ*/вайфай/wifi/wi/интернет*/выбрать/найти/документ*/резюме/деньгами/денег/посоветуйте
= помоги/помогите/помощь/мне/нам/пожалуйста с/со
regist*/registr*/regestr*/sign/forms/link/links/buton/butons/setings/translat*/download*/ap/password/login/question/questions/ticket*/understand/choose/figure/internet/homework/language/instal*/instructions/joining/conect*/vote/money/donat*
= help/me/us/to/you/asistance/rescue/please with/find/fil/chek/open/write/change/join/learn/decide/pick/cary/translate/plan/organize/prepare/print/pay/edit/create/make/set/use/work/understand/from
тіркел*/тірк*/сілтеме*/батырма*/түйме*/сауалнама*/толтыр*/аудар*/жүкте*/қолданба*/құпиясөз*/құпия/сұрақ*/тілін/тілді/түсін*/форма*/нысан*/баптау*/баптап/табуға/тауып/билет*/интернет*/сабақ*/таңдау*/ақша*/құжат*/жазып
registrats*/registrac*/zaregistrir*/tirkel*/ssylk*/anket*/silteme*
"""

# An infinitive after a call asks for something else, unless it is one of these.
ESCAPES = """
выбраться/выбратся/уйти/выйти/спастись/спасти/убежать/сбежать/спрятаться/уехать/вырваться/освободить/освободиться/вывести/вытащить/остановить/отбиться/дойти
мать/пять/опять/память/нефть/чуть/сеть/есть/кровать/печать/будь/девять/десять/шесть/часть/честь/пусть/жить/бить/кровь
шығуға/қашуға/құтылуға/жасырынуға/кетуге/құтқаруға/тыныс
"""

# Polite questions: a call that leaves time for an answer.
POLITE = """
> can/could/would/wil you/u/anyone/anybody/someone/somebody help
= ma/ба/бе/ма/ме/па/пе көмектесе
"""

# Need that is spoken of, not felt now.
ASIDES = """
> do/does/did/if/when/whenever/who/case/anyone/you/unless ned/want/require
= no ned/neded/help
кому/вам/тебе/кому-то/ему/если/ли/егер/кто/всем/другим/им/ей нужна/нужно/надо/требуется/нужен
если помощь/помощи/помогите
кімге/сізге/саған/сендерге/егер көмек/көмегі/жәрдем
> как/где/куда/какая/какую/какой/чья/кто помощь/помощи
> how/what/where/who/which help
қалай/қайда/кім/қандай көмек/жәрдем
гуманитарн*/финансов*/материальн*/благотворительн*/волонтер*/психологическ*/гуманитарлық/материалдық/қаржылай/қаржылық/humanitarian/financial/volunter*
пришли/пришел/пришла/приходят/приходит/надеемся/надеюсь/рассчитываем/пришедшим помощь
"""

# Who is meant, where a question about need is no offer.
SELF = """
мне/нам/я/мы/меня/нас/i/me/we/us/im/were/маған/бізге/мен/біз/mne/nam/magan/bizge
"""

# Not now, or not here: last year, a film, a thought.
ELSEWHERE = """
вчера/позавчера/однажды/когда-то/году/годах
в прошлом/прошлый/прошлой/прошлую/прошлые/прошлых
год/года/лет/месяц/месяца/месяцев/неделю/недели/дня/дней/назад/прошлым назад/годом/летом
yesterday/ago/previously/2010/2011/2012/2013/2014/2015/2016/2017/2018/2019/2020/2021/2022/2023/2024/2025
= last/previous year/wek/month/time/night/spring/sumer/autumn/winter/meting
кеше/былтыр/бұрын/жылы
= өткен/бұрынғы жылы/айда/аптада/жолы/жыл/ай/апта/кездесуде/жолғы/кездесу
фильм*/кино/сериал*/книга/книге/книги/книгу/рассказ*/статья/статье/статью/статьи/игре/игру/песня/песне/роман/романе/матч*
= в новостях/видосе
movie*/film/films/series/bok/boks/article*/game/song/novel/match
= the news/story
кинода/кітапта/кітап/мақалада/мақала/ойында/әңгімеде/фильмде
рекорд*/record/records/барабан*/часы/drums/куранты
= если нас/меня/полици*/они/вдруг/к/на/кто-то/бьют/начнут/придет/придут/будут/случится/задерж*/напад*/толпа/за/бы/нам/мне/людей/вас/тебя/полиция
= а/что вдруг/если
= if/when they/police/we/someone/the/i/im/you/were/somebody/men/strangers/cops get/are/come/were/beat*/take/arest/detain/hit/atack/break/enter/being/police/police/have
> what if/when/hapens they/police/we/someone/i/im/you/were/men
> what should do if/when
= егер бізді/мені/полиция/олар/біреу/маған/бізге
> когда/сколько нас/меня забирают/забирает/увозят
домой/родители/мама/папа/такси/таксист/taxi/home/parents/mum/такси*
снилось/приснилось/шутка/шутили/шучу/пошутил*/kiding/joking/әзіл*/әзілдедім
учения/учениях/тренировка/тренировке/репетици*/drill/rehearsal/жаттығу/жаттығуда
"""

# Thanks, and offers to help others.
THANKS = """
спасибо/спасиб/спс/благодар*/признател*/thank/thanks/thx/thankyou/grateful/рахмет/рақмет/алғыс*/raqmet/rahmet/spasibo
"""
OFFERS = """
могу/можем/хочу/хотим/хотела/хотел/хотели/готов/готова/готовы/рад/рада/рады/буду/будем/смогу/сможем/чем/собираюсь помочь/помогать
> can/could/may/shal/id/to/love/wil/want/hapy/glad/redy/let/ill/like i/we/to/me/us/hapily help
> i/we/ill/wel/wil/can/to can/could/wil/may/gladly/hapily/volunter help
как/чем вам/тебе/им/ей/ему/другим/людям/кому помочь
көмектесе/көмектескім/көмектесуге аламын/аламыз/келеді/дайынмын/дайынбыз/алам
көмектесемін/көмектесеміз/көмектесейін/көмектесейік/көмектеседі/көмектесті/көмектескен*/көмектесу/көмектесуші*/көмектескім
"""

# Written as one word with its neighbours, it is still a cry.
GLUED = """
помогите/спасите/памагите/помагите/көмектесіңдер/көмектесіңіз/құтқарың/pomogite/spasite/komektesinder/komektesiniz/qutqaryn/kutkaryn/helpme/helpus/насбьют/менябьют/насизбивают
"""

# Typed with the keyboard in the other language: sos, помогите, спасите, help.
WRONG_LAYOUT = """
ыщы/ыщі/gjvjubnt/gjvjub/cgfcbnt/рудз
"""

# So distinct that one wrong, missing or swapped letter is forgiven.
FORGIVEN = """
помогите/спасите/көмектесіңдер/көмектесіңіз/құтқарыңдар/pomogite/spasite
"""
